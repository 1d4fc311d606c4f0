using System.Collections.Immutable;
using VecSQL.Planner.Definitions;

namespace VecSQL.Planner.Binding;

/// <summary>The query as written, for those who want its text.</summary>
internal sealed partial class SelectBuilder
{
    /// <summary>Null where nobody asks for it. Before grouping: there, expressions become columns of what is below.</summary>
    private QueryForm? FormOf()
    {
        if (_state.Forms is not { } forms)
            return null;
        var select = new SelectForm
        {
            Targets = [.. _targets.Where(static target => !target.IsHidden).Select(
                static target => new TargetForm(target.Name, target.Value))],
            From = _from,
            Where = _where,
            GroupBy = _select.GroupBy,
            GroupByIsDistinct = _select.GroupByIsDistinct,
            Keys = forms.GroupKeys,
            Having = _having,
            Windows = [.. _select.Windows.Select(
                window => _binder.FormOf(window.Window, _scope.NamedWindows[window.Name], window.Name))],
            IsDistinct = _select.IsDistinct,
            DistinctOn = [.. _distinctOn.Select(static target => target.Value)],
        };
        return new QueryForm(select)
        {
            Order = [.. _order.Select(static item => new OrderForm(item.Key with { Key = item.Target.Value }, Ordinal: 0))],
            Limit = _limit,
            Locking = _locking,
        };
    }
}
