using GptGen.Files;

namespace GptGen.Text;

/// <summary>The files that paths to train or evaluate on lead to: all of text, or all of tokens.</summary>
/// <param name="Source">The paths, for people.</param>
/// <param name="Files">The files.</param>
/// <param name="AreTokens">Whether they hold tokens.</param>
internal sealed record DataFiles(string Source, IReadOnlyList<FoundFile> Files, bool AreTokens)
{
    private const string Need = "a file or folder of UTF-8 text, or token files (.bin)";
    private const string TokenFileExtension = ".bin";
    private const int MostNamed = 4;
    private static readonly string[] s_trainingNames = ["train", "training"];
    private static readonly string[] s_testNames = ["test"];
    private static readonly string[] s_validationNames = ["val", "valid", "validation"];

    /// <summary>
    /// Finds the files. Those whose name ends in <c>.bin</c> hold tokens. A folder with both kinds is taken for token files, and said to be, when it
    /// is what nanoGPT's and llm.c's preparations leave behind: each <c>.bin</c> is named for training or for validation, and there are both.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="note">Receives what was left out.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <exception cref="GptGenException">A path does not exist or cannot be read, or texts and token files are mixed.</exception>
    internal static DataFiles Find(IReadOnlyList<string> paths, Action<string>? note, CancellationToken cancellation = default)
    {
        var kinds = FileTree.Find(paths, Need, note, cancellation).GroupBy(static file => file.Named)
            .SelectMany(group => OfOneKind(group.Key, [.. group], note)).ToList();
        var tokens = kinds.FindIndex(IsTokens);
        var text = kinds.FindIndex(static file => !IsTokens(file));
        if (tokens >= 0 && text >= 0)
            throw new GptGenException($"'{kinds[text].Path}' is text, but '{kinds[tokens].Path}' holds tokens: give text or token files, not both.");
        return new(string.Join(", ", paths), kinds, tokens >= 0);
    }

    /// <summary>Whether a file holds tokens by its name.</summary>
    internal static bool AreTokensByName(string path) => path.EndsWith(TokenFileExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a token file is for validation by its name.</summary>
    internal static bool IsForValidation(string path) => HasPart(path, s_validationNames);

    private static bool IsForTraining(string path) => HasPart(path, s_trainingNames);

    private static bool IsTokens(FoundFile file) => AreTokensByName(file.Path);

    private static bool HasPart(string path, string[] names) =>
        Path.GetFileNameWithoutExtension(path).Split('_', '-', '.').Any(part => names.Contains(part, StringComparer.OrdinalIgnoreCase));

    private static List<FoundFile> OfOneKind(string named, List<FoundFile> files, Action<string>? note)
    {
        var tokens = files.FindAll(IsTokens);
        // What says which characters the tokens are is read with them.
        var others = tokens.Count == 0 ? files : files.FindAll(static file =>
            !IsTokens(file) && file.Status is not { Kind: FileKind.File, Length: 0 } && Path.GetFileName(file.Path) != CharacterVocabulary.FileName);
        if (tokens.Count == 0)
            return files;
        tokens = WithoutTests(named, tokens, note);
        if (others.Count == 0)
            return tokens;

        if (!tokens.All(static file => IsForTraining(file.Path) != IsForValidation(file.Path))
            || !tokens.Exists(static file => IsForTraining(file.Path)) || !tokens.Exists(static file => IsForValidation(file.Path)))
        {
            throw new GptGenException(
                $"The folder '{named}' holds '{others[0].Path}', which is text, and '{tokens[0].Path}', which holds tokens by its name: "
                + "name files of one kind, not both.");
        }

        note?.Invoke($"of the folder '{named}' the token files are read ({Names(tokens)}); its other files are left out ({Names(others)}).");
        return tokens;
    }

    /// <summary>What a folder keeps to test with beside files to train or validate on is neither; named itself it is what is asked for.</summary>
    private static List<FoundFile> WithoutTests(string named, List<FoundFile> tokens, Action<string>? note)
    {
        var tests = tokens.FindAll(
            file => file.Path != named && HasPart(file.Path, s_testNames) && !IsForTraining(file.Path) && !IsForValidation(file.Path));
        if (tests.Count == 0 || !tokens.Exists(static file => IsForTraining(file.Path) || IsForValidation(file.Path)))
            return tokens;
        note?.Invoke($"of the folder '{named}' the token files to test with are left out ({Names(tests)}): name them to read them.");
        return [.. tokens.Except(tests)];
    }

    private static string Names(List<FoundFile> files) => string.Join(", ", files.Take(MostNamed).Select(static file => Path.GetFileName(file.Path)))
        + (files.Count > MostNamed ? $" and {files.Count - MostNamed} more" : "");
}
