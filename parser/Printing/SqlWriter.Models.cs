using System.Globalization;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteModelDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateModelStatement create:
                Add("CREATE MODEL ");
                WriteIf(create.IfNotExists, "IF NOT EXISTS ");
                WriteName(create.Name);
                WriteModelSource(create.Source, create.Options);
                break;
            case AlterModelStatement alter:
                Add("ALTER MODEL ").WriteName(alter.Name).Add(" ");
                WriteModelAction(alter.Action);
                break;
        }
    }

    private void WriteModelAction(AlterAction action)
    {
        switch (action)
        {
            case AddModelVersionAction add:
                Add("ADD VERSION");
                if (add.Version is { } number)
                    Add(" ").Add(number.ToString(CultureInfo.InvariantCulture));
                WriteModelSource(add.Source, add.Options);
                break;
            case DropModelVersionAction drop:
                Add("DROP VERSION ").Add(drop.Version.ToString(CultureInfo.InvariantCulture));
                break;
            case SetDefaultModelAction set:
                Add("SET DEFAULT");
                if (set.Version is { } version)
                    Add(" VERSION ").Add(version.ToString(CultureInfo.InvariantCulture));
                break;
            case WarmModelAction:
                Add("WARM");
                break;
            default:
                Write(action);
                break;
        }
    }

    private void WriteModelSource(string source, ValueList<Option> options)
    {
        Add(" FROM ").WriteLiteral(source);
        WriteStorageOptions(options);
    }
}
