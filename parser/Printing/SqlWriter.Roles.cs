using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteRoleDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateRoleStatement create:
                Add("CREATE ").Add(create.Kind.ToUpperInvariant()).Add(" ");
                WriteRole(create.Name);
                WriteRoleOptions(create.Options);
                break;
            case AlterRoleStatement alter:
                Add("ALTER ROLE ");
                WriteRole(alter.Name);
                WriteRoleOptions(alter.Options);
                break;
            case RenameRoleStatement rename:
                Add("ALTER ROLE ");
                WriteRole(rename.Name);
                Add(" RENAME TO ");
                WriteRole(rename.NewName);
                break;
            case AlterRoleSettingStatement setting:
                Add("ALTER ROLE ");
                WriteRole(setting.Name);
                Add(" ");
                Write(setting.Change);
                break;
        }
    }

    private void WriteRoleOptions(ValueList<RoleOption> options)
    {
        foreach (RoleOption option in options)
        {
            Add(" ");
            WriteIf(!option.IsOn, "NO");
            Add(option.Name.ToUpperInvariant());
            if (option.Name is "connection limit" or "sysid")
                Add(" ").Add(option.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            else if (option.Text is { } text)
                Add(" ").WriteLiteral(text);
            else if (option.Name == "password")
                Add(" NULL");
            if (!option.Roles.IsEmpty)
                Add(" ").WriteList(option.Roles, WriteRole);
        }
    }
}
