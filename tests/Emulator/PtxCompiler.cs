using System.Collections.Concurrent;
using System.Reflection;

namespace GptGen.Emulator;

/// <summary>What clang made of a kernel source.</summary>
/// <param name="Ptx">The PTX, or null when the source does not compile.</param>
/// <param name="Messages">The compiler's errors and warnings; empty for a clean source.</param>
public sealed record PtxResult(string? Ptx, string Messages);

/// <summary>
/// Compiles kernels for real GPUs as far as that goes without CUDA: clang to PTX. It sees syntax, types, address spaces and the instructions that a
/// generation has; not the text of inline assembly, registers, or shared memory limits.
/// </summary>
public static class PtxCompiler
{
    private static readonly string[] Compilers = [
        "clang++-19", "clang++-20", "clang++-18", "clang++-17", "clang++-16", "clang++", "clang++-15", "clang++-14"];

    /// <summary>
    /// Versions of PTX, the newest first; each compiler knows some. cp.async needs 7.0, ldmatrix and bf16 products as well, sm_90 needs 7.8.
    /// </summary>
    private static readonly string[] PtxVersions = ["ptx80", "ptx78", "ptx75"];

    private static readonly ConcurrentDictionary<string, (string Compiler, string PtxVersion)?> Found = new();
    private static readonly Lazy<string> DeviceHeader = new(WriteDeviceHeader);

    /// <summary>Why kernels cannot be compiled for this architecture here, or null when they can. For Assert.SkipUnless.</summary>
    /// <param name="architecture"><c>sm_80</c>, <c>sm_90</c>, <c>sm_90a</c>.</param>
    public static string? Unavailable(string architecture) =>
        Find(architecture) is null ? $"The check of the PTX for {architecture} needs clang (clang-19 for sm_90), which is not installed." : null;

    /// <summary>Compiles one source text.</summary>
    /// <param name="source">CUDA C++ that includes nothing: the prelude and the kernels after it, one text.</param>
    /// <param name="architecture"><c>sm_80</c>, <c>sm_90</c>, <c>sm_90a</c>.</param>
    /// <param name="defines">Constants of the preprocessor, as <c>WIDTH=64</c>.</param>
    /// <exception cref="InvalidOperationException">There is no compiler for the architecture; ask <see cref="Unavailable"/> first.</exception>
    public static PtxResult Compile(string source, string architecture, params IEnumerable<string> defines)
    {
        var (compiler, version) = Find(architecture) ?? throw new InvalidOperationException(Unavailable(architecture));
        return Run(compiler, version, architecture, source, defines);
    }

    private static (string Compiler, string PtxVersion)? Find(string architecture) => Found.GetOrAdd(architecture, static architecture =>
    {
        // What a shuffle needs shows whether the version of PTX fits the architecture. An older compiler only remarks that it does not know one.
        const string Probe = "__global__ void probe(int* x) { *x = __shfl_sync(0xffffffffu, *x, 0); }";
        foreach (var compiler in Compilers)
            if (CompilerProcess.Run(compiler, ["--version"]) is { ExitCode: 0 })
                foreach (var version in PtxVersions)
                    if (Run(compiler, version, architecture, Probe, []) is { Ptx: not null, Messages: "" })
                        return (compiler, version);
        return null;
    });

    private static PtxResult Run(string compiler, string version, string architecture, string source, IEnumerable<string> defines)
    {
        var folder = Directory.CreateTempSubdirectory("gptgen-ptx-").FullName;
        try
        {
            var input = Path.Combine(folder, "kernels.cu");
            var output = Path.Combine(folder, "kernels.ptx");
            File.WriteAllText(input, source);
            var result = CompilerProcess.Run(
                compiler,
                [
                    "-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", "-nostdlibinc", "-nostdinc++", $"--cuda-gpu-arch={architecture}",
                    "-Xclang", "-target-feature", "-Xclang", $"+{version}",
                    // Loops are unrolled and functions inlined as with more optimization, which takes a quarter longer.
                    "-std=c++17", "-O1", "-Wall", "-Wextra", "-Wno-unused-function", "-Wno-unknown-cuda-version", "-Wno-unused-command-line-argument",
                    // It takes inline assembly for something that all threads must reach together, and then unrolls no loop of unknown length.
                    "-Wno-pass-failed",
                    .. defines.Select(static define => "-D" + define),
                    "-include", DeviceHeader.Value, "-S", "-o", output, input,
                ])!;
            return new(result.ExitCode == 0 ? File.ReadAllText(output) : null, result.Messages.Replace(folder + "/", "", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WriteDeviceHeader()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Ptx/clang_device.h")!;
        var path = Path.Combine(Directory.CreateTempSubdirectory("gptgen-ptx-header-").FullName, "clang_device.h");
        using var file = File.Create(path);
        stream.CopyTo(file);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        return path;
    }
}
