namespace VecSQL.Planner.Binding.Views;

/// <summary>What a statement does to a view.</summary>
internal enum ViewChange : byte { Insert, Update, Delete }
