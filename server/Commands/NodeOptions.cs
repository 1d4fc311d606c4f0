using System.CommandLine;
using VecSQL.Server.Configuration;

namespace VecSQL.Server.Commands;

/// <summary>The options of every verb that runs a node.</summary>
internal sealed class NodeOptions
{
    private readonly Option<string?> _config = new("--config") { Description = "A file of settings: name = value", HelpName = "FILE" };

    private readonly (string Setting, Option<string?> Option)[] _settings =
    [
        .. NodeSettings.All.Select(setting => (setting.Name, new Option<string?>("--" + setting.Name.Replace('_', '-'))
        {
            Description = $"{setting.Summary} (default: {setting.Default})",
            HelpName = "VALUE",
            Hidden = setting.IsHidden,
        })),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach ((string _, Option<string?> option) in _settings)
            command.Options.Add(option);
    }

    /// <exception cref="SettingException">A setting cannot be used.</exception>
    public NodeSettings Read(ParseResult parsed)
    {
        Dictionary<string, string> arguments = [];
        foreach ((string setting, Option<string?> option) in _settings)
        {
            if (parsed.GetValue(option) is { } value)
                arguments[setting] = value;
        }
        return NodeSettings.Load(parsed.GetValue(_config), Variables(), arguments);
    }

    private static Dictionary<string, string> Variables()
    {
        Dictionary<string, string> variables = [];
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: string value })
                variables[name] = value;
        }
        return variables;
    }
}
