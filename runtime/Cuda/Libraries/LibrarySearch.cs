namespace GptGen.Cuda.Libraries;

/// <summary>A library in this process.</summary>
/// <param name="Handle">What the operating system calls it.</param>
/// <param name="Path">Its file, or its bare name when the system's loader found it.</param>
/// <param name="CudaMajor">The major version of CUDA that it belongs to; 0 for the driver and NCCL.</param>
internal sealed record LoadedLibrary(nint Handle, string Path, int CudaMajor);

/// <summary>How the search for one library went.</summary>
/// <param name="System">Where.</param>
/// <param name="Library">What was looked for.</param>
/// <param name="Files">The file names that were looked for.</param>
/// <param name="Places">The places that were searched, in order.</param>
/// <param name="Found">The library; null when there is none.</param>
/// <param name="Refused">Files that exist and cannot be used, with the reason.</param>
internal sealed record SearchResult(
    SearchSystem System, CudaLibrary Library, IReadOnlyList<string> Files, IReadOnlyList<SearchPlace> Places, LoadedLibrary? Found,
    IReadOnlyList<string> Refused);

/// <summary>Loads the first usable file of a library.</summary>
internal static class LibrarySearch
{
    /// <summary>Searches the places in order, and in each the versions that the driver can run, the newest first.</summary>
    /// <param name="system">The machine.</param>
    /// <param name="library">What to look for.</param>
    /// <param name="driverMajor">The newest major version of CUDA that the driver can run; null while the driver is what is looked for.</param>
    public static SearchResult Run(SearchSystem system, CudaLibrary library, int? driverMajor)
    {
        var files = library.Files(system);
        var places = (library == CudaLibrary.Driver ? SearchPlaces.OfDriver(system) : SearchPlaces.OfToolkit(system)).ToArray();
        var refused = SearchPlaces.Relative(system).ToList();
        LoadedLibrary? found = null;
        foreach (var place in places)
        {
            foreach (var file in files)
            {
                found = Try(system, library, place, file, driverMajor, refused);
                if (found is not null)
                    return new(system, library, Names(files), places, found, refused);
            }
        }

        return new(system, library, Names(files), places, null, refused);
    }

    private static string[] Names(IReadOnlyList<LibraryFile> files) => [.. files.Select(static file => file.Name)];

    private static LoadedLibrary? Try(
        SearchSystem system, CudaLibrary library, SearchPlace place, LibraryFile file, int? driverMajor, List<string> refused)
    {
        var path = place.Folder is null ? file.Name : Path.Combine(place.Folder, file.Name);
        if (place.Folder is not null && !File.Exists(path))
            return null;
        if (file.CudaMajor > (driverMajor ?? int.MaxValue))
        {
            // What the loader would find is not tried: loading it to see that it exists would leave it in the process.
            if (place.Folder is not null)
                refused.Add($"{path} needs a driver for CUDA {file.CudaMajor}, and this one runs CUDA {driverMajor}");
            return null;
        }

        try
        {
            if (place.Folder is not null && library.Companion(system, file.CudaMajor) is { } companion)
                LoadCompanions(system, place.Folder, companion);
            var handle = system.Load(path);
            if (system.HasFunction(handle, library.Function))
                return new(handle, path, file.CudaMajor);
            // It stays in the process: what an unknown library began when it was loaded may not stand its unloading.
            refused.Add($"{path} is no {library.Title}: it has no function {library.Function}");
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            if (place.Folder is not null)
                refused.Add($"{path} does not load: {Reason(error.Message)}");
            return null;
        }
    }

    private static void LoadCompanions(SearchSystem system, string folder, string pattern)
    {
        foreach (var path in Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal))
        {
            try
            {
                system.Load(path);
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                // The library itself says what it lacks when it is loaded next.
            }
        }
    }

    /// <summary>What the system's loader said. On Linux .NET puts advice on how to find out in the line before.</summary>
    private static string Reason(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : "unknown reason";
}
