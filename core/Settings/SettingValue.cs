namespace VecSQL.Core.Settings;

/// <summary>A setting's value, checked: as text in the form SHOW gives back for strings, and as a number where it is one.</summary>
/// <param name="Number">Of integers and reals in the base unit; 1 and 0 for on and off.</param>
public sealed record SettingValue(string Text, double Number = 0)
{
    public bool IsOn => Number != 0;

    public long Integer => (long)Number;
}
