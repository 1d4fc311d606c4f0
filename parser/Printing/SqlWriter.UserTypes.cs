using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteUserType(Statement statement)
    {
        switch (statement)
        {
            case CreateEnumStatement create:
                Add("CREATE TYPE ");
                Write(create.Name);
                Add(" AS ENUM ").WriteParenthesized(create.Labels, label => WriteLiteral(label));
                break;
            case AlterUserTypeStatement alter:
                Add("ALTER TYPE ");
                Write(alter.Name);
                Add(" ");
                Write(alter.Action);
                break;
        }
    }

    private void WriteEnumAction(AlterAction action)
    {
        switch (action)
        {
            case AddEnumValueAction add:
                Add(add.IfNotExists ? "ADD VALUE IF NOT EXISTS " : "ADD VALUE ").WriteLiteral(add.Label);
                if (add.Neighbor is { } neighbor)
                    Add(add.IsBefore ? " BEFORE " : " AFTER ").WriteLiteral(neighbor);
                break;
            case RenameEnumValueAction rename:
                Add("RENAME VALUE ").WriteLiteral(rename.Label).Add(" TO ").WriteLiteral(rename.NewLabel);
                break;
        }
    }
}
