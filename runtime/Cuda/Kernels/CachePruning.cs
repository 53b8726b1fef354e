namespace GptGen.Cuda.Kernels;

/// <summary>
/// Deletes what nobody has used for long from a folder of files that can be made again. The time of a file's last change says when it was last used,
/// as a file system need not note reading. Whatever goes wrong is left for the next time.
/// </summary>
internal static class CachePruning
{
    /// <summary>Files that were not used for so long go.</summary>
    private static readonly TimeSpan Unused = TimeSpan.FromDays(90);

    /// <summary>Files that were used so recently stay, as a program that runs now may read them; a use is noted no more often.</summary>
    private static readonly TimeSpan InUse = TimeSpan.FromDays(1);

    /// <summary>Says that a file is used.</summary>
    public static void NoteUse(string path) => Try(() =>
    {
        if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > InUse)
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    });

    /// <summary>
    /// Deletes what was not used for long and, while the rest is larger than <paramref name="mostBytes"/>, what was not used for longest.
    /// </summary>
    /// <param name="folder">The folder; what the cache did not write stays, and so do folders in it.</param>
    /// <param name="mostBytes">The bytes that may stay.</param>
    /// <param name="now">The time.</param>
    public static void Prune(string folder, long mostBytes, DateTime now) => Try(() =>
    {
        List<FileInfo> files = [.. new DirectoryInfo(folder).EnumerateFiles().Where(IsOurs).OrderBy(static file => file.LastWriteTimeUtc)];
        var bytes = files.Sum(static file => file.Length);
        foreach (var file in files)
        {
            var age = now - file.LastWriteTimeUtc;
            if (age <= InUse || (age <= Unused && bytes <= mostBytes))
                break;
            bytes -= file.Length;
            Try(file.Delete);
        }
    });

    /// <summary>Compiled programs, choices, sources that did not compile, and what an interrupted writing left of them.</summary>
    private static bool IsOurs(FileInfo file) =>
        file.Extension is KernelCache.KernelExtension or KernelCache.ChoiceExtension
            || (file.Name.StartsWith("failed-", StringComparison.Ordinal) && file.Extension == ".cu") ||
        (file.Name.StartsWith('.') && file.Name.EndsWith(Checkpoints.AtomicFile.TemporarySuffix, StringComparison.Ordinal));

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.SecurityException)
        {
        }
    }
}
