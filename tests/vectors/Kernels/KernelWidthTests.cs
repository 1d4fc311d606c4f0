using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

/// <summary>Runs the kernel tests again with narrower arithmetic, so that every body is executed somewhere.</summary>
public sealed class KernelWidthTests
{
    private const string Expected = "VECSQL_EXPECTED_KERNEL_BITS";

    [Fact]
    public void Kernels_are_as_wide_as_the_run_was_told()
    {
        string? expected = Environment.GetEnvironmentVariable(Expected);
        Assert.True(
            expected is null || expected == KernelWidth.Bits.ToString(), $"told {expected}, got {KernelWidth.Bits}");
    }

    [Fact]
    public void Nothing_but_a_setting_makes_kernels_narrower_than_the_machine()
    {
        // The first processors with AVX-512 slow down when they use it, and .NET leaves it alone there; those with VBMI do not.
        int widest = Avx512Vbmi.IsSupported ? 512 : Avx2.IsSupported ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        Assert.True(KernelWidth.Bits >= widest, $"{KernelWidth.Bits} bits, though the machine has {widest}");
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Kernel_tests_pass_with_less(string setting, int bits)
    {
        if (Environment.GetEnvironmentVariable(Expected) is not null || !Avx2.IsSupported)
            return; // this is such a run already; or a machine whose widths these settings do not speak of
        ProcessStartInfo start = new("dotnet")
        {
            ArgumentList =
            {
                "vstest", typeof(KernelWidthTests).Assembly.Location,
                "--TestCaseFilter:FullyQualifiedName!~Kernel_tests_pass_with_less",
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[setting] = "0";
        start.Environment[Expected] = bits.ToString();
        using Process? process = Process.Start(start);
        Assert.NotNull(process);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("Passed", output, StringComparison.Ordinal);
    }
}
