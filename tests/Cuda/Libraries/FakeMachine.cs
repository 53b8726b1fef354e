using GptGen.Cuda.Libraries;
using GptGen.Runtime.Tests;

namespace GptGen.Cuda.Tests.Libraries;

/// <summary>
/// A machine made of folders and empty files, and a loader that accepts every file that exists and whose name is not in <see cref="Broken"/>.
/// </summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>Bare names that the system's loader finds.</summary>
    public HashSet<string> KnownToLoader { get; } = [];

    /// <summary>File names that do not load.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>File names that load and have none of the functions.</summary>
    public HashSet<string> Foreign { get; } = [];

    /// <summary>What was loaded, in order, without the machine's root.</summary>
    public List<string> Loaded { get; } = [];

    public bool IsWindows { get; init; }

    /// <summary>The home folder; the machine's unless set.</summary>
    public string? Home { get; init; }

    /// <summary>The versions of CUDA that the program can use; those of the default build, whatever this build is.</summary>
    public IReadOnlyList<int> CudaMajors { get; init; } = [13, 12];

    public string Root => folder.Path;

    /// <summary>Creates a file and gives its full path.</summary>
    public string Add(string path, string content = "")
    {
        var full = Root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
        return full;
    }

    public SearchResult Search(CudaLibrary library, int? driverMajor = 13) => LibrarySearch.Run(System(), library, driverMajor);

    /// <summary>Where the library was found, without the machine's root; null when it was not.</summary>
    public string? Find(CudaLibrary library, int? driverMajor = 13) =>
        Search(library, driverMajor).Found?.Path.Replace(Root, "", StringComparison.Ordinal);

    public void Dispose() => folder.Dispose();

    private SearchSystem System() => new()
    {
        IsWindows = IsWindows,
        IsArm64 = false,
        Root = Root,
        HomeFolder = Home ?? Root + "/home/user",
        ProgramFolder = Root + "/program",
        Variable = Variables.GetValueOrDefault,
        VariableNames = Variables.Keys,
        CudaMajors = CudaMajors,
        Load = Load,
        HasFunction = (library, _) => !Foreign.Contains(Path.GetFileName(Loaded[(int)library - 1])),
    };

    private nint Load(string path)
    {
        var known = Path.IsPathRooted(path) ? File.Exists(path) : KnownToLoader.Contains(path);
        if (!known || Broken.Contains(Path.GetFileName(path)))
            throw new DllNotFoundException($"Unable to load {path}. Consider a tool:\n{path}: file too short\n");
        Loaded.Add(path.Replace(Root, "", StringComparison.Ordinal));
        return Loaded.Count;
    }
}
