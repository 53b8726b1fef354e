using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace GptGen.Cpu;

/// <summary>
/// Native code is compiled for one set of instructions, and where that is AVX2, every question for AVX-512 is answered at compile time. So the
/// package's build files compile a native program a second time and put it beside the first, which it replaces here, before it has begun, where the
/// processor has AVX-512. Process, arguments, environment and open files stay.
/// </summary>
internal static unsafe partial class WiderProgram
{
    /// <summary>What its name has at the end; the build files give it.</summary>
    private const string Ending = ".avx512";

    // What .NET calls AVX-512 (F, DQ, CD, BW and VL), as CPUID reports it.
    private const int Needed = (1 << 16) | (1 << 17) | (1 << 28) | (1 << 30) | (1 << 31);

    // The processors that lower their clock for it, on which the JIT does not use vectors of 512 bits either: Skylake's servers and their two heirs.
    private const int FamilyAndModel = 0x0FFF0FF0;
    private const int Throttled = 0x00050650;

    /// <summary>Returns where nothing is to be replaced, or the system refuses to.</summary>
#pragma warning disable CA2255 // An application cannot call this in time, and would have to know of it.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Replace()
    {
        if (RuntimeFeature.IsDynamicCodeSupported || Avx512F.IsSupported || !X86Base.IsSupported || !OperatingSystem.IsLinux())
            return;
        var path = Environment.ProcessPath + Ending;
        if (ProcessorRunsIt() && !IsSwitchedOff() && File.Exists(path))
            Start(path);
    }

    private static bool ProcessorRunsIt()
    {
        const int Features = 7, States = 13;
        if (X86Base.CpuId(0, 0).Eax < States || (X86Base.CpuId(Features, 0).Ebx & Needed) != Needed
            || (X86Base.CpuId(1, 0).Eax & FamilyAndModel) == Throttled)
        {
            return false;
        }

        // The system saves the upper registers if what it saves reaches as far as they do.
        (int size, int offset, _, _) = X86Base.CpuId(States, 7);
        return size != 0 && X86Base.CpuId(States, 0).Ebx >= offset + size;
    }

    /// <summary>Whether the environment has one of the switches by which the JIT is held to less.</summary>
    private static bool IsSwitchedOff() =>
        new[] { "HWIntrinsic", "AVX", "AVX2", "FMA", "AVX512", "AVX512F" }
            .Any(static set => Environment.GetEnvironmentVariable("DOTNET_Enable" + set) is { } value && value.Trim('0', ' ') is "" or "x");

    private static void Start(string path)
    {
        // With the name that the program was called by, which messages may show.
        var arguments = File.ReadAllBytes("/proc/self/cmdline");
        var program = Encoding.UTF8.GetBytes(path + '\0');
        var starts = new List<int> { 0 };
        for (int at = Array.IndexOf(arguments, (byte)0); at >= 0 && at + 1 < arguments.Length; at = Array.IndexOf(arguments, (byte)0, at + 1))
            starts.Add(at + 1);
        fixed (byte* first = arguments, name = program)
        {
            var pointers = (byte**)NativeMemory.AllocZeroed((nuint)starts.Count + 1, (nuint)sizeof(byte*));
            for (int i = 0; i < starts.Count; i++)
                pointers[i] = first + starts[i];
            _ = Execute(name, pointers);
            NativeMemory.Free(pointers);
        }
    }

    [LibraryImport("libc", EntryPoint = "execv")]
    private static partial int Execute(byte* path, byte** arguments);
}
