namespace VecSQL.Columnar.Native;

/// <summary>The system has no Zstandard library; says which package brings it.</summary>
public sealed class ZstdMissingException(string fileName) : DllNotFoundException(
    $"The Zstandard library ({fileName}) is not installed. Install it with \"apt-get install libzstd1\" on Debian and "
    + "Ubuntu, \"dnf install libzstd\" on Fedora, or \"brew install zstd\" on macOS.");
