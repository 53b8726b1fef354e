using System.Runtime.InteropServices;

namespace GptGen.Distributed.Mpi;

/// <summary>
/// Functions of Linux's C library that .NET has none for. They are taken from the program's own scope, where they are whichever library has them:
/// dlopen was one of libdl's until glibc 2.34.
/// </summary>
internal static unsafe class SystemLibrary
{
    private const int Now = 2;
    private const int Global = 0x100;

    /// <summary>At least the size of struct sigaction on every Linux.</summary>
    private const int SignalActionBytes = 256;

    /// <summary>SIGILL, SIGBUS, SIGFPE and SIGSEGV of Linux: where .NET's exceptions for null references and divisions by zero come from.</summary>
    private static readonly int[] s_faults = [4, 7, 8, 11];

    /// <summary>Loads a library whose names all later ones see, as the plugins of Open MPI need it.</summary>
    /// <returns>Its handle, or 0 with the reason.</returns>
    internal static nint Load(string path, out string reason)
    {
        var name = Marshal.StringToCoTaskMemUTF8(path);
        var handle = ((delegate* unmanaged[Cdecl]<nint, int, nint>)Function("dlopen"))(name, Now | Global);
        reason = handle != 0 ? "" : Marshal.PtrToStringUTF8(((delegate* unmanaged[Cdecl]<nint>)Function("dlerror"))()) ?? "no reason given";
        Marshal.FreeCoTaskMem(name);
        return handle;
    }

    /// <summary>Sets a variable that is not set yet, for C code to read; .NET's own way changes a copy that C code does not see.</summary>
    internal static void SetDefault(string variable, string value)
    {
        var (name, text) = (Marshal.StringToCoTaskMemUTF8(variable), Marshal.StringToCoTaskMemUTF8(value));
        _ = ((delegate* unmanaged[Cdecl]<nint, nint, int, int>)Function("setenv"))(name, text, 0);
        Marshal.FreeCoTaskMem(name);
        Marshal.FreeCoTaskMem(text);
    }

    /// <summary>Ends the process at once, without what libraries do at a program's end and may wait for others in.</summary>
    internal static void Exit(int code) => ((delegate* unmanaged[Cdecl]<int, void>)Function("_exit"))(code);

    /// <summary>Does something that may take the signals over by which .NET learns of faults, and gives them back.</summary>
    internal static void KeepingFaults(Action work)
    {
        var action = (delegate* unmanaged[Cdecl]<int, byte*, byte*, int>)Function("sigaction");
        var kept = stackalloc byte[s_faults.Length * SignalActionBytes];
        for (var index = 0; index < s_faults.Length; index++)
            _ = action(s_faults[index], null, kept + index * SignalActionBytes);
        try
        {
            work();
        }
        finally
        {
            for (var index = 0; index < s_faults.Length; index++)
                _ = action(s_faults[index], kept + index * SignalActionBytes, null);
        }
    }

    private static nint Function(string name) => NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), name);
}
