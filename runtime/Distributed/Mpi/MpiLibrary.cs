using System.Runtime.InteropServices;

namespace GptGen.Distributed.Mpi;

/// <summary>
/// MPI's functions, found at run time: neither a library nor its version is fixed when the program is built. One set of signatures serves all
/// libraries, as every handle is passed in a register's width.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>MPI_MAX_ERROR_STRING, MPI_MAX_PROCESSOR_NAME and MPI_MAX_LIBRARY_VERSION_STRING of every library are at most this.</summary>
    private const int LongestText = 8192;

    private const string Folders = "LD_LIBRARY_PATH and the system's loader";

    private static readonly Dictionary<MpiFamily, string[]> s_files = new()
    {
        [MpiFamily.OpenMpi] = ["libmpi.so.40"],
        [MpiFamily.Mpich] = ["libmpi.so.12", "libmpich.so.12"],
        [MpiFamily.Standard] = ["libmpi_abi.so.1", "libmpi_abi.so.0"],
    };

    private readonly nint handle;

    private MpiLibrary(nint handle, string path)
    {
        this.handle = handle;
        Path = path;
        Family = MpiConstants.FamilyOf(handle);
        Constants = MpiConstants.Of(Family, handle);
        Initialize = (delegate* unmanaged[Cdecl]<nint, nint, int, int*, int>)Function("MPI_Init_thread");
        Finish = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");
        RankOf = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        SizeOf = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        SetErrorHandler = (delegate* unmanaged[Cdecl]<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        AllToAll = (delegate* unmanaged[Cdecl]<float*, int*, int*, nint, float*, int*, int*, nint, nint, int>)Function("MPI_Alltoallv");
        AllGather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, int>)Function("MPI_Allgatherv");
        Broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int>)Function("MPI_Bcast");
        Abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
    }

    /// <summary>The file, or its name where the system's loader found it.</summary>
    internal string Path { get; }

    /// <summary>What it is, by what it exports.</summary>
    internal MpiFamily Family { get; }

    internal MpiConstants Constants { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, int, int*, int> Initialize { get; }

    internal delegate* unmanaged[Cdecl]<int> Finish { get; }

    internal delegate* unmanaged[Cdecl]<nint, int*, int> RankOf { get; }

    internal delegate* unmanaged[Cdecl]<nint, int*, int> SizeOf { get; }

    internal delegate* unmanaged[Cdecl]<nint, nint, int> SetErrorHandler { get; }

    internal delegate* unmanaged[Cdecl]<float*, int*, int*, nint, float*, int*, int*, nint, nint, int> AllToAll { get; }

    internal delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, int> AllGather { get; }

    internal delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, int> Broadcast { get; }

    internal delegate* unmanaged[Cdecl]<nint, int, int> Abort { get; }

    /// <summary>What the library calls itself, in one line.</summary>
    internal string Version => VersionOf(handle);

    /// <summary>The host's name, as the library knows it.</summary>
    internal string Host => Text(handle, "MPI_Get_processor_name");

    /// <summary>What a loaded library calls itself, in one line: "Open MPI v4.1.4", "MPICH Version: 4.0.2".</summary>
    internal static string VersionOf(nint library) =>
        string.Join(' ', Text(library, "MPI_Get_library_version").Split('\n', ',')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The files that a launcher's library may be.</summary>
    internal static IReadOnlyList<string> FilesOf(MpiFamily family) =>
        family == MpiFamily.Standard ? s_files[family] : [.. s_files[family], .. s_files[MpiFamily.Standard]];

    /// <summary>Loads the library of a launcher, or the one that <see cref="Launch.LibraryVariable"/> names.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    internal static MpiLibrary Load(Launch launch) =>
        TryLoad(launch.Family!.Value, out var looked)
            ?? throw new GptGenException(
                $"{launch.Launcher} started this process as one of {(launch.Size is { } size ? $"{size}" : "some")}, "
                + $"but MPI's library cannot be loaded ({looked}): load its module or install it ('apt-get install "
                + $"{(launch.Family == MpiFamily.OpenMpi ? "openmpi-bin" : "mpich")}'), or set {Launch.LibraryVariable} to its path.");

    /// <summary>The same of a family; null where there is none, with what was looked for.</summary>
    internal static MpiLibrary? TryLoad(MpiFamily family, out string looked)
    {
        if (!OperatingSystem.IsLinux())
        {
            looked = "it is used on Linux only";
            return null;
        }

        // UCX, under MPICH and on InfiniBand under Open MPI, takes over the signals by which .NET learns of faults.
        SystemLibrary.SetDefault("UCX_ERROR_SIGNALS", "");
        var given = Environment.GetEnvironmentVariable(Launch.LibraryVariable);
        var files = string.IsNullOrEmpty(given) ? FilesOf(family) : [given];
        var reason = "";
        foreach (var file in files)
        {
            if (SystemLibrary.Load(file, out reason) is not 0 and var handle)
            {
                looked = file;
                return NativeLibrary.TryGetExport(handle, "MPI_Init_thread", out _)
                    ? new(handle, file)
                    : throw new GptGenException($"'{file}' is no MPI library: set {Launch.LibraryVariable} to one, or leave it out.");
            }
        }

        looked = string.IsNullOrEmpty(given) ? $"{string.Join(", ", files)} in {Folders}" : reason;
        return null;
    }

    /// <summary>Throws what a call's result means, unless it is success.</summary>
    /// <exception cref="GptGenException">It is not.</exception>
    internal void Check(int result, string call)
    {
        if (result == 0)
            return;
        var text = stackalloc byte[LongestText];
        int length = 0;
        _ = ((delegate* unmanaged[Cdecl]<int, byte*, int*, int>)Function("MPI_Error_string"))(result, text, &length);
        throw new GptGenException(
            $"{call} failed: {MessageText.OneLine(Marshal.PtrToStringUTF8((nint)text, length))}. Another process has ended, or the network between "
            + "them fails: start the run again from its last checkpoint.");
    }

    private static string Text(nint library, string function)
    {
        var text = stackalloc byte[LongestText];
        int length = 0;
        _ = ((delegate* unmanaged[Cdecl]<byte*, int*, int>)NativeLibrary.GetExport(library, function))(text, &length);
        return Marshal.PtrToStringUTF8((nint)text, length).TrimEnd('\0', '\n', ' ');
    }

    private nint Function(string name) => NativeLibrary.GetExport(handle, name);
}
