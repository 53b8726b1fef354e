using System.Globalization;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <content>The checkpoints of a folder: their names, which one counts, and those that go.</content>
public static partial class TrainingCheckpoint
{
    private const string FilePrefix = "step-";
    private const string FileSuffix = ".safetensors";
    private const string AbandonedPrefix = "abandoned-";

    /// <summary>The checkpoint of the highest step in a folder, or null. Unfinished files do not count.</summary>
    public static string? FindLatest(string folder) => List(folder) is [.., var latest] ? latest.Path : null;

    /// <summary>The checkpoints of a folder by ascending step; none if there is no such folder.</summary>
    /// <exception cref="GptGenException">The folder cannot be read.</exception>
    public static IReadOnlyList<(long Step, string Path)> List(string folder)
    {
        var found = new List<(long Step, string Path)>();
        if (!Directory.Exists(folder))
            return found;
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, FilePrefix + "*" + FileSuffix))
            {
                if (StepOf(Path.GetFileName(path.AsSpan())) is { } step)
                    found.Add((step, path));
            }
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(folder, error);
        }

        found.Sort(static (a, b) => a.Step.CompareTo(b.Step));
        return found;
    }

    /// <summary>The file of a step's checkpoint.</summary>
    internal static string PathOf(string folder, long step) =>
        Path.Combine(folder, FormattableString.Invariant($"{FilePrefix}{step:D6}{FileSuffix}"));

    /// <summary>Whether a file's name is a checkpoint's.</summary>
    internal static bool IsName(string name) => StepOf(name) is not null;

    /// <summary>
    /// Renames the checkpoints of later steps than <paramref name="step"/> (<c>abandoned-step-000200.safetensors</c>), and the best weights where
    /// they are later: a run that continues from an older one leaves their course, and they must not count as the newest again. Nothing is deleted,
    /// nor is what was set aside before overwritten.
    /// </summary>
    /// <returns>The new names.</returns>
    /// <exception cref="GptGenException">A file cannot be renamed.</exception>
    internal static IReadOnlyList<string> SetAsideAfter(string folder, long step)
    {
        var renamed = new List<string>();
        var later = List(folder).Where(entry => entry.Step > step).Select(static entry => entry.Path).ToList();
        // A run that was only killed comes to the same best weights again.
        var best = Path.Combine(folder, BestName);
        if (later.Count > 0 && File.Exists(best) && ReadState(best).Step > step)
            later.Add(best);
        foreach (var path in later)
        {
            var name = AbandonedPrefix + Path.GetFileNameWithoutExtension(path);
            var aside = Path.Combine(folder, name + FileSuffix);
            for (var number = 2; Path.Exists(aside); number++)
                aside = Path.Combine(folder, FormattableString.Invariant($"{name}-{number}{FileSuffix}"));
            try
            {
                // Nothing is there; told so, the system would copy the file where it has no links.
                File.Move(path, aside, overwrite: true);
            }
            catch (Exception error) when (InputFile.IsFailure(error))
            {
                throw new GptGenException(
                    $"'{path}' cannot be renamed to '{aside}' ({MessageText.Of(error)}). Make the folder writable, or move the file away.", error);
            }

            renamed.Add(aside);
        }

        return renamed;
    }

    /// <summary>The file that <paramref name="path"/> means: itself, or a folder's newest checkpoint.</summary>
    /// <exception cref="GptGenException">The folder has none, or cannot be read.</exception>
    internal static string Resolve(string path) =>
        !Directory.Exists(path) ? path
        : FindLatest(path)
            ?? throw new GptGenException($"The folder '{path}' has no training checkpoint. Name a run's folder, or train without resuming.");

    /// <summary>The newest sound checkpoint before another of the same folder, or null.</summary>
    internal static string? FindSoundBefore(string path) =>
        StepOf(Path.GetFileName(path.AsSpan())) is not { } step ? null
        : List(Path.GetDirectoryName(Path.GetFullPath(path))!).Where(entry => entry.Step < step).Reverse().Select(static entry => entry.Path)
            .FirstOrDefault(IsSound);

    /// <summary>Reads a checkpoint; if it is damaged, the message names the sound one before it.</summary>
    /// <exception cref="GptGenException">It is damaged.</exception>
    internal static void OrNameAnother(string path, Action read)
    {
        try
        {
            read();
        }
        catch (GptGenException error) when (FindSoundBefore(path) is { } sound)
        {
            throw new GptGenException(
                $"{error.Message} The checkpoint before it, '{sound}', is sound: name that file (Trainer.Resume continues it).", error);
        }
    }

    private static bool IsSound(string path)
    {
        try
        {
            Read(path);
            CheckpointChecksum.Verify(path, needsFinite: true);
            return true;
        }
        catch (GptGenException)
        {
            return false;
        }
    }

    /// <summary>The step of a checkpoint by its name, or null.</summary>
    internal static long? StepOf(ReadOnlySpan<char> name) =>
        name.StartsWith(FilePrefix, StringComparison.Ordinal) && name.EndsWith(FileSuffix, StringComparison.Ordinal)
            && name.Length > FilePrefix.Length + FileSuffix.Length
            && long.TryParse(name[FilePrefix.Length..^FileSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? step
            : null;

    private static void Rotate(string folder, string written, int keep)
    {
        var others = List(folder).Where(entry => Path.GetFileName(entry.Path) != Path.GetFileName(written)).ToList();
        foreach (var (_, path) in others.Take(Math.Max(0, others.Count - (keep - 1))))
            AtomicFile.TryDelete(path);
    }
}
