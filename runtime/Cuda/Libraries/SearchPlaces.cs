namespace GptGen.Cuda.Libraries;

/// <summary>A place where a library may lie: a folder, or null for whatever the system's loader finds by name.</summary>
internal readonly record struct SearchPlace(string? Folder)
{
    public static SearchPlace Loader => new(null);

    public override string ToString() => Folder ?? "the system's loader";
}

/// <summary>
/// Where CUDA's libraries lie on the machines that people have: what the user names first, then what the system's loader knows, then the places
/// of the toolkit, of distributions, of containers and WSL, and of Python packages. Each place once, in the order of the search. A place is an
/// absolute path that the user, the program or the system chose: what lies in the working folder came with somebody's files and is never loaded.
/// </summary>
internal static class SearchPlaces
{
    /// <summary>A folder with the libraries, or a toolkit, or Python's <c>site-packages</c>; several may be listed as in PATH.</summary>
    public const string PathVariable = "GPTGEN_CUDA_PATH";

    /// <summary>The variables by which a user names places.</summary>
    private static readonly string[] OfUser = [PathVariable, "CUDA_PATH", "CUDA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"];

    /// <summary>What the variables name that is no absolute path, and so is not searched, in words.</summary>
    public static IEnumerable<string> Relative(SearchSystem system) =>
        OfUser.SelectMany(variable => Listed(system, variable).Where(folder => !system.IsAbsolute(folder)).Select(folder =>
            $"'{MessageText.Shorten(folder)}' in {variable} is a relative path, and what lies in the working folder is not loaded: "
            + "give the absolute path"));

    /// <summary>Places of the driver's library. Never a toolkit's <c>stubs</c>: that library only satisfies linkers.</summary>
    public static IEnumerable<SearchPlace> OfDriver(SearchSystem system) =>
        Distinct(
            Named(system, PathVariable).SelectMany(root => Inside(system, root)),
            system.IsWindows
                ? Fixed(system, "/Windows/System32")
                : Fixed(system, "/usr/lib/wsl/lib", "/run/opengl-driver/lib", "/usr/local/nvidia/lib64", "/usr/lib64/nvidia")
                    .Concat(SystemFolders(system)));

    /// <summary>Places of cuBLAS and NVRTC.</summary>
    public static IEnumerable<SearchPlace> OfToolkit(SearchSystem system) =>
        Distinct(
            Named(system, PathVariable)
                .SelectMany(root => Inside(system, root))
                .Concat([system.ProgramFolder, Path.Combine(system.ProgramFolder, "runtimes", RuntimeIdentifier(system), "native")])
                .Concat(
                    Named(system, "CUDA_PATH").Concat(Named(system, "CUDA_HOME")).Concat(VersionedVariables(system))
                        .SelectMany(root => Inside(system, root)))
                .Concat(Named(system, "VIRTUAL_ENV").Concat(Named(system, "CONDA_PREFIX")).SelectMany(root => Inside(system, root))),
            Toolkits(system).SelectMany(root => Inside(system, root))
                .Concat(system.IsWindows ? Named(system, "PATH") : SystemFolders(system))
                .Concat(PythonPrefixes(system).SelectMany(prefix => SitePackages(system, prefix)).SelectMany(packages => Wheels(system, packages))));

    private static IEnumerable<SearchPlace> Distinct(IEnumerable<string> beforeLoader, IEnumerable<string> afterLoader) =>
        beforeLoader.Select(Place).Append(SearchPlace.Loader).Concat(afterLoader.Select(Place)).Distinct();

    private static SearchPlace Place(string folder) => new(Path.TrimEndingDirectorySeparator(folder));

    /// <summary>The absolute paths in a variable.</summary>
    private static IEnumerable<string> Named(SearchSystem system, string variable) => Listed(system, variable).Where(system.IsAbsolute);

    private static IEnumerable<string> Listed(SearchSystem system, string variable) =>
        (system.Variable(variable) ?? "").Split(system.ListSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>CUDA_PATH_V13_0 and the like, which the installer for Windows sets, the newest first.</summary>
    private static IEnumerable<string> VersionedVariables(SearchSystem system) =>
        system.VariableNames
            .Where(static name => name.StartsWith("CUDA_PATH_V", StringComparison.OrdinalIgnoreCase))
            .OrderDescending(StringComparer.OrdinalIgnoreCase)
            .SelectMany(name => Named(system, name));

    /// <summary>
    /// Where the libraries are when <paramref name="root"/> is their folder, a toolkit, an environment of Python or conda, or its
    /// <c>site-packages</c>.
    /// </summary>
    private static IEnumerable<string> Inside(SearchSystem system, string root)
    {
        string[] parts = system.IsWindows
            ? ["", "bin/x64", "bin", "lib/x64", "Library/bin"]
            : ["", "lib64", "lib", $"targets/{Target(system)}/lib"];
        return parts
            .Select(part => Path.Combine(root, part))
            .Concat(Wheels(system, root))
            .Concat(SitePackages(system, root).SelectMany(packages => Wheels(system, packages)));
    }

    private static IEnumerable<string> Toolkits(SearchSystem system)
    {
        if (system.IsWindows)
        {
            var programs = system.Variable("ProgramFiles") is { } named && system.IsAbsolute(named) ? named : system.Root + "/Program Files";
            return FolderPattern.Expand(programs + "/NVIDIA GPU Computing Toolkit/CUDA/v*");
        }

        var architecture = system.IsArm64 ? "Linux_aarch64" : "Linux_x86_64";
        return Fixed(
            system, "/usr/local/cuda", "/usr/local/cuda-*", "/opt/cuda", "/usr/lib/cuda",
            $"/opt/nvidia/hpc_sdk/{architecture}/*/cuda/*", $"/opt/nvidia/hpc_sdk/{architecture}/*/math_libs/*");
    }

    /// <summary>Folders of distributions, for a loader that does not know them (containers, NixOS).</summary>
    private static IEnumerable<string> SystemFolders(SearchSystem system) =>
        Fixed(system, system.IsArm64 ? "/usr/lib/aarch64-linux-gnu" : "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib");

    private static IEnumerable<string> PythonPrefixes(SearchSystem system)
    {
        var program = system.IsWindows ? "python.exe" : "python3";
        var onPath = Named(system, "PATH")
            .Where(folder => File.Exists(Path.Combine(folder, program)))
            .Select(folder => system.IsWindows ? folder : Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) ?? folder);
        string[] ofUser = [".local", ".venv", "venv", "miniconda3", "anaconda3", "miniforge3"];
        return onPath
            .Concat(system.IsAbsolute(system.HomeFolder) ? ofUser.Select(folder => Path.Combine(system.HomeFolder, folder)) : [])
            .Concat(system.IsWindows ? [] : Fixed(system, "/usr/local", "/usr", "/opt/conda", "/opt/venv"));
    }

    /// <summary>Folders of packages that exist below an installation of Python.</summary>
    private static IEnumerable<string> SitePackages(SearchSystem system, string prefix) =>
        system.IsWindows
            ? FolderPattern.Expand(prefix + "/Lib/site-packages*")
            : FolderPattern.Expand(prefix + "/lib/python3*/*-packages");

    /// <summary>Folders with libraries of NVIDIA's packages (<c>nvidia/cublas/lib</c>, <c>nvidia/cu13/lib</c>) in a folder of packages.</summary>
    private static IEnumerable<string> Wheels(SearchSystem system, string packages) =>
        system.IsWindows
            ? FolderPattern.Expand(packages + "/nvidia/*/bin").Concat(FolderPattern.Expand(packages + "/nvidia/*/bin/x86_64"))
            : FolderPattern.Expand(packages + "/nvidia/*/lib");

    private static IEnumerable<string> Fixed(SearchSystem system, params string[] patterns) =>
        patterns.SelectMany(pattern => FolderPattern.Expand(system.Root + pattern));

    private static string Target(SearchSystem system) => system.IsArm64 ? "sbsa-linux" : "x86_64-linux";

    private static string RuntimeIdentifier(SearchSystem system) => $"{(system.IsWindows ? "win" : "linux")}-{(system.IsArm64 ? "arm64" : "x64")}";
}
