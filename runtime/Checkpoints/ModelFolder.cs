using GptGen.Files;
using GptGen.Finetuning;
using GptGen.Text;

namespace GptGen.Checkpoints;

/// <summary>
/// What a folder is, which of its files counts as its weights, and what may be written into it. Every reader and writer of models asks here. A folder
/// with checkpoints is a run, and its newest checkpoint counts, whatever was exported beside it.
/// </summary>
/// <param name="Path">The folder.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Weights">The file of its weights; null where it has none.</param>
/// <param name="PassedOver">One line on other weights that lie there too and do not count; null where none do.</param>
internal sealed record ModelFolder(string Path, FolderKind Kind, string? Weights, string? PassedOver)
{
    /// <summary>The files of weights that are no checkpoints; the first that a folder has counts.</summary>
    private static readonly string[] s_weights = [WeightFiles.FileName, WeightFiles.IndexName, OpenAIParameters.ShapesName];

    /// <summary>Looks at a folder.</summary>
    /// <exception cref="GptGenException">It cannot be read.</exception>
    internal static ModelFolder Of(string path)
    {
        if (!Directory.Exists(path))
            return new(path, FolderKind.Empty, null, null);
        HashSet<string> names;
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(path).Select(static entry => System.IO.Path.GetFileName(entry))];
        }
        catch (Exception error) when (InputFile.IsFailure(error))
        {
            throw InputFile.Unreadable(path, error);
        }

        string InFolder(string name) => System.IO.Path.Combine(path, name);
        var weights = Array.FindAll(s_weights, names.Contains);
        if (names.Contains(FinetunedTask.FileName))
            return Describe(FolderKind.FineTuned, weights);
        if (TrainingCheckpoint.FindLatest(path) is { } latest)
            return Describe(FolderKind.Run, [System.IO.Path.GetFileName(latest), .. weights]);
        if (weights.Length > 0)
            return Describe(FolderKind.Weights, weights);
        var kind = Tokenizer.IsIn(path) ? FolderKind.Tokenizer
            : names.All(static name => name == FolderClaim.FileName) ? FolderKind.Empty
            : FolderKind.Other;
        return Describe(kind, []);

        ModelFolder Describe(FolderKind kind, string[] found) => new(
            path, kind, found is [var first, ..] ? InFolder(first) : null,
            found is [var taken, _, ..]
                ? $"of the weights in '{path}', {taken} is taken{(kind == FolderKind.Run ? ", the run's newest checkpoint" : "")}, "
                    + $"not {string.Join(" or ", found[1..])}; to take another, name the file"
                : null);
    }

    /// <summary>Takes a folder to write into, and refuses what would lose or change the meaning of what lies there.</summary>
    /// <param name="path">The folder; need not exist.</param>
    /// <param name="use">What is to be written.</param>
    /// <param name="from">The weights that it comes from: a folder or a file; null for none.</param>
    /// <param name="note">Told what the user should know.</param>
    /// <returns>The right to write there, until it is disposed of.</returns>
    /// <exception cref="GptGenException">The folder is in use, cannot be written, or holds something else.</exception>
    internal static FolderClaim Claim(string path, FolderUse use, string? from = null, Action<string>? note = null)
    {
        var claim = FolderClaim.Take(path, Name(use), note);
        try
        {
            var folder = Of(path);
            var isOwn = from is not null && AreSame(
                path, Directory.Exists(from) ? from : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(from))!);
            // What a killed run of the same kind left is no finished model.
            if (folder.Refusal(use, isOwn, wasKilled: claim.KilledUse == Name(use)) is { } refusal)
                throw new GptGenException(refusal);
            if (folder.Notice(use) is { } notice)
                note?.Invoke(notice);
            // What was left half made is so until it is made anew.
            if (use == FolderUse.Finetuning && claim.KilledUse == Name(use))
                claim.Begin(Name(use));
            return claim;
        }
        catch
        {
            claim.Refuse();
            throw;
        }
    }

    /// <summary>
    /// Says of a folder that was taken for fine-tuning that its weights are about to be written: until <see cref="FolderClaim.Finish"/> they are no
    /// finished model.
    /// </summary>
    public static void BeginWeights(FolderClaim claim) => claim.Begin(Name(FolderUse.Finetuning));

    /// <summary>
    /// Takes the target of a conversion: a folder as <see cref="Claim"/>; a file is refused where it is what is read, or a run's checkpoint.
    /// </summary>
    /// <param name="target">What <see cref="ModelCheckpoint.Save"/> is to write.</param>
    /// <param name="from">The weights that are read: a folder or a file.</param>
    /// <param name="note">Told what the user should know.</param>
    /// <returns>The right to write into the folder; null for a file, which appears at once and whole.</returns>
    /// <exception cref="GptGenException">The target is in use, cannot be written, or would be lost.</exception>
    internal static FolderClaim? ClaimExport(string target, string from, Action<string>? note = null)
    {
        if (ModelCheckpoint.IsFolder(target))
            return Claim(target, FolderUse.Export, from, note);
        if (AreSame(target, Directory.Exists(from) ? Of(from).Weights ?? from : from))
            throw new GptGenException($"'{target}' is itself what is converted: name another file.");
        if (File.Exists(target) && TrainingCheckpoint.IsName(System.IO.Path.GetFileName(target)))
            throw new GptGenException($"'{target}' is a checkpoint, which would be lost: name another file.");
        return null;
    }

    /// <summary>Whether two paths lead to the same file or folder.</summary>
    internal static bool AreSame(string first, string second) =>
        FileStatus.Of(first) is { Kind: not (FileKind.Missing or FileKind.Unreachable) } status && status.Identity == FileStatus.Of(second).Identity;

    private static string Name(FolderUse use) => use switch
    {
        FolderUse.Training or FolderUse.Resuming => "training",
        FolderUse.Finetuning => "fine-tuning",
        FolderUse.Export => "conversion",
        _ => "learning a vocabulary",
    };

    /// <summary>Why a use is not allowed; null where it is.</summary>
    private string? Refusal(FolderUse use, bool isOwn, bool wasKilled) => (Kind, use) switch
    {
        (FolderKind.Empty or FolderKind.Tokenizer or FolderKind.Other, _) => null,
        (FolderKind.Run, FolderUse.Resuming) when isOwn => null,
        (FolderKind.Run, FolderUse.Training or FolderUse.Resuming) =>
            $"'{Weights}' is there already: continue that run with Trainer.Resume, or name another folder.",
        (FolderKind.Run, FolderUse.Export) when isOwn => null,
        (FolderKind.Run, _) =>
            $"'{Path}' is the folder of a training run, whose checkpoints go on counting as its weights: name another folder.",
        (FolderKind.FineTuned or FolderKind.Weights, FolderUse.Finetuning) when wasKilled => null,
        (FolderKind.FineTuned, _) => $"'{Path}' holds a fine-tuned model already: name another folder.",
        // The weights stay, and the run's checkpoints count from then on.
        (FolderKind.Weights, FolderUse.Training or FolderUse.Resuming) when isOwn => null,
        (FolderKind.Weights, FolderUse.Export) when isOwn => $"'{Weights}' is itself what is converted: name another folder.",
        // An older export is replaced by a newer one; other files would go on lying beside it.
        (FolderKind.Weights, FolderUse.Export) when System.IO.Path.GetFileName(Weights) == WeightFiles.FileName && PassedOver is null => null,
        (FolderKind.Weights, _) => $"'{Path}' holds the weights of a model, '{System.IO.Path.GetFileName(Weights)}': name another folder.",
        _ => null,
    };

    private string? Notice(FolderUse use) => (Kind, use) switch
    {
        (FolderKind.Run, FolderUse.Export) =>
            $"'{Path}' is the folder of a training run: its newest checkpoint goes on counting as its weights, {WeightFiles.FileName} does not",
        (FolderKind.Weights, FolderUse.Training or FolderUse.Resuming) =>
            $"'{Path}' holds {System.IO.Path.GetFileName(Weights)}: from its first checkpoint on, "
            + "the run's newest one counts as the folder's weights",
        (FolderKind.FineTuned or FolderKind.Weights, FolderUse.Finetuning) => $"'{Path}' holds what an unfinished fine-tuning left: it is begun anew",
        _ => null,
    };
}
