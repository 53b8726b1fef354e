using System.Runtime.InteropServices;

namespace GptGen.Cuda.Libraries;

/// <summary>
/// What the search for libraries depends on: the operating system, its folders, its loader and the environment. A test gives its own.
/// </summary>
internal sealed record SearchSystem
{
    public required bool IsWindows { get; init; }

    public required bool IsArm64 { get; init; }

    /// <summary>Stands before each fixed place; empty on a real machine.</summary>
    public required string Root { get; init; }

    public required string HomeFolder { get; init; }

    /// <summary>Where the program lies.</summary>
    public required string ProgramFolder { get; init; }

    /// <summary>The value of an environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Names of all environment variables.</summary>
    public required IReadOnlyCollection<string> VariableNames { get; init; }

    /// <summary>The versions of CUDA whose libraries can be used, the newest first.</summary>
    public required IReadOnlyList<int> CudaMajors { get; init; }

    /// <summary>Loads a library by path or bare name; throws <see cref="DllNotFoundException"/> or <see cref="BadImageFormatException"/>.</summary>
    public required Func<string, nint> Load { get; init; }

    /// <summary>Whether a loaded library has a function of this name.</summary>
    public required Func<nint, string, bool> HasFunction { get; init; }

    /// <summary>
    /// Whether a path means the same whatever the working folder is. A path with a drive's letter or a server's name is one on Windows only.
    /// </summary>
    public bool IsAbsolute(string path) =>
        path.StartsWith('/')
            || (IsWindows && (path.StartsWith(@"\\", StringComparison.Ordinal) || path.Length > 2 && path.AsSpan(1) is [':', '/' or '\\', ..]));

    /// <summary>What separates folders in a variable.</summary>
    public char ListSeparator => IsWindows ? ';' : ':';

    /// <summary>This machine.</summary>
    public static SearchSystem Current() => new()
    {
        IsWindows = OperatingSystem.IsWindows(),
        IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64,
        Root = "",
        HomeFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        ProgramFolder = AppContext.BaseDirectory,
        Variable = Environment.GetEnvironmentVariable,
        VariableNames = [.. Environment.GetEnvironmentVariables().Keys.Cast<string>()],
        CudaMajors = CudaLibrary.Majors,
        Load = LoadChosen,
        HasFunction = static (library, name) => NativeLibrary.TryGetExport(library, name, out _),
    };

    /// <summary>
    /// By bare name, Windows would look into the working folder as well; of PATH's folders the search names those that are absolute.
    /// </summary>
    private static nint LoadChosen(string path) =>
        OperatingSystem.IsWindows() && !Path.IsPathFullyQualified(path)
            ? NativeLibrary.Load(path, typeof(SearchSystem).Assembly, DllImportSearchPath.SafeDirectories)
            : NativeLibrary.Load(path);
}
