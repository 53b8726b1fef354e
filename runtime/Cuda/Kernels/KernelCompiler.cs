using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GptGen.Cuda.Driver;
using ManagedCuda.BasicTypes;
using ManagedCuda.NVRTC;

namespace GptGen.Cuda.Kernels;

/// <summary>Compiles programs with NVRTC for one generation of GPUs. CUDA's libraries are loaded already.</summary>
internal sealed class KernelCompiler
{
    private const string Operation = "the look at NVRTC";

    /// <summary>Most lines of a log that a message shows; the kept source can be compiled again for the rest.</summary>
    private const int LogLines = 30;

    private readonly string version;
    private readonly bool native;
    private readonly int architecture;

    /// <summary>Looks at what the compiler can do.</summary>
    /// <param name="computeCapability">The GPU's generation, as 90.</param>
    /// <exception cref="GptGenException">The compiler knows no generation that the GPU can run.</exception>
    public KernelCompiler(int computeCapability)
    {
        version = Version();
        var known = Architectures();
        native = known.Contains(computeCapability);
        architecture = known.Where(candidate => candidate <= computeCapability).DefaultIfEmpty(0).Max();
        if (architecture < GpuProperties.OldestComputeCapability)
            throw new GptGenException(
                $"NVRTC {version} cannot compile for compute capability {computeCapability / 10}.{computeCapability % 10}. Install a newer CUDA; "
                + "'gptgen doctor' shows which one is used.");
    }

    /// <summary>The loaded NVRTC's version, as "13.0".</summary>
    public static string Version()
    {
        int major = 0, minor = 0;
        Status.Check(NVRTCNativeMethods.nvrtcVersion(ref major, ref minor), "nvrtcVersion", Operation);
        return string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}");
    }

    /// <summary>A name for what compiling this program gives: the hash of everything that it depends on.</summary>
    public string Key(KernelProgram program)
    {
        var text = new StringBuilder("gptgen kernels 1\n").Append("nvrtc ").AppendLine(version);
        foreach (var option in Options(program))
            text.AppendLine(option);
        foreach (var kernel in program.Kernels)
            text.Append("kernel ").AppendLine(kernel);
        text.Append(program.Text());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Compiles.</summary>
    /// <param name="program">What to compile.</param>
    /// <param name="cache">Keeps the source of a program that does not compile.</param>
    /// <exception cref="GptGenException">The program does not compile.</exception>
    public CompiledKernels Compile(KernelProgram program, KernelCache cache)
    {
        var operation = $"the compilation of {program.Name}";
        var text = program.Text();
        var handle = default(nvrtcProgram);
        Status.Check(NVRTCNativeMethods.nvrtcCreateProgram(ref handle, text, "kernels.cu", 0, null!, null!), "nvrtcCreateProgram", operation);
        try
        {
            foreach (var kernel in program.Kernels)
                Status.Check(NVRTCNativeMethods.nvrtcAddNameExpression(handle, kernel), "nvrtcAddNameExpression", $"{operation}, kernel {kernel}");
            var options = Options(program);
            var status = Run(handle, options);
            if (status == nvrtcResult.ErrorCompilation)
                throw Failure(program, cache.Keep(Key(program), $"// {string.Join(' ', options)}\n{text}"), Log(handle));
            Status.Check(status, "nvrtcCompileProgram", operation);
            return new(
                Image(handle, operation),
                program.Kernels.Distinct().ToDictionary(static kernel => kernel, kernel => Symbol(handle, kernel, operation)));
        }
        finally
        {
            NVRTCNativeMethods.nvrtcDestroyProgram(ref handle);
        }
    }

    private static int[] Architectures()
    {
        var count = 0;
        Status.Check(NVRTCNativeMethods.nvrtcGetNumSupportedArchs(ref count), "nvrtcGetNumSupportedArchs", Operation);
        var architectures = new int[count];
        Status.Check(NVRTCNativeMethods.nvrtcGetSupportedArchs(architectures), "nvrtcGetSupportedArchs", Operation);
        return architectures;
    }

    private static nvrtcResult Run(nvrtcProgram program, List<string> options)
    {
        var texts = options.ConvertAll(static option => Marshal.StringToCoTaskMemUTF8(option));
        try
        {
            return NVRTCNativeMethods.nvrtcCompileProgram(program, texts.Count, [.. texts]);
        }
        finally
        {
            texts.ForEach(Marshal.FreeCoTaskMem);
        }
    }

    private static string Log(nvrtcProgram program)
    {
        SizeT bytes = 0;
        Status.Check(NVRTCNativeMethods.nvrtcGetProgramLogSize(program, ref bytes), "nvrtcGetProgramLogSize", Operation);
        var log = new byte[(long)bytes];
        Status.Check(NVRTCNativeMethods.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog", Operation);
        return Encoding.UTF8.GetString(log).TrimEnd('\0', '\n', ' ');
    }

    private static string Symbol(nvrtcProgram program, string kernel, string operation)
    {
        IntPtr symbol = 0;
        Status.Check(NVRTCNativeMethods.nvrtcGetLoweredName(program, kernel, ref symbol), "nvrtcGetLoweredName", $"{operation}, kernel {kernel}");
        return Marshal.PtrToStringUTF8(symbol)!;
    }

    private static GptGenException Failure(KernelProgram program, string? source, string log)
    {
        var lines = log.Split('\n');
        var shown = string.Join('\n', lines.Take(LogLines)) + (lines.Length > LogLines ? $"\n({lines.Length - LogLines} more lines)" : "");
        var kept = source is null ? "The source could not be kept" : $"The source is kept in {source}";
        return new(
            $"{char.ToUpperInvariant(program.Name[0])}{program.Name[1..]} do not compile (NVRTC). {kept}; please report it with this log:\n{shown}");
    }

    private List<string> Options(KernelProgram program) =>
    [
        // The code that only Hopper has (wgmma) needs the "a".
        native ? $"--gpu-architecture=sm_{architecture}{(architecture == 90 ? "a" : "")}" : $"--gpu-architecture=compute_{architecture}",
        "--std=c++17",
        "--generate-line-info",
        .. program.Defines.Select(static define => $"--define-macro={define.Name}={define.Value}"),
    ];

    private byte[] Image(nvrtcProgram program, string operation)
    {
        SizeT bytes = 0;
        if (native)
            Status.Check(NVRTCNativeMethods.nvrtcGetCUBINSize(program, ref bytes), "nvrtcGetCUBINSize", operation);
        else
            Status.Check(NVRTCNativeMethods.nvrtcGetPTXSize(program, ref bytes), "nvrtcGetPTXSize", operation);
        var image = new byte[(long)bytes];
        if (native)
            Status.Check(NVRTCNativeMethods.nvrtcGetCUBIN(program, image), "nvrtcGetCUBIN", operation);
        else
            Status.Check(NVRTCNativeMethods.nvrtcGetPTX(program, image), "nvrtcGetPTX", operation);
        return image;
    }
}
