using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteDatabaseDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateDatabaseStatement create:
                Add("CREATE DATABASE ").WriteName(create.Name);
                WriteDatabaseOptions(create.Options);
                break;
            case AlterDatabaseStatement alter:
                Add("ALTER DATABASE ").WriteName(alter.Name).Add(" ");
                Write(alter.Action);
                break;
            case AlterDatabaseOptionsStatement alter:
                Add("ALTER DATABASE ").WriteName(alter.Name);
                WriteDatabaseOptions(alter.Options);
                break;
            case AlterDatabaseSettingStatement setting:
                Add("ALTER DATABASE ").WriteName(setting.Name).Add(" ");
                Write(setting.Change);
                break;
        }
    }

    private void WriteDatabaseOptions(ValueList<DatabaseOption> options)
    {
        foreach (DatabaseOption option in options)
        {
            Add(" ");
            if (option.Name == "connection limit")
                Add("CONNECTION LIMIT");
            else
                WriteName(option.Name);
            if (option.Value is null)
                Add(" DEFAULT");
            else if (option.Name is "connection limit" or "oid" && long.TryParse(option.Value, out _))
                Add(" ").Add(option.Value);
            else
                Add(" ").WriteLiteral(option.Value);
        }
    }
}
