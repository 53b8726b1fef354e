using GptGen.Checkpoints;
using GptGen.Files;

namespace GptGen.Models.Commands;

/// <summary>Holds what a command is to write against what it reads: an input is never overwritten.</summary>
internal static class OutputTarget
{
    private const int MostFiles = 1000;

    // What a folder of weights is read from; tables beside them, such as predictions, are results.
    private static readonly string[] s_modelFiles = [".json", ".safetensors", ".gguf", ".bin", ".txt", ".bpe", ".npy", ".model"];

    /// <summary>As <see cref="RequireNotInput"/>, for files that are written into a folder.</summary>
    /// <exception cref="GptGenException">One is an input.</exception>
    internal static void RequireNoInputs(string folder, IEnumerable<string> outputs, params IEnumerable<string?> inputs)
    {
        foreach (var output in outputs)
            RequireNotInput(Path.Combine(folder, output), inputs);
    }

    /// <summary>Refuses an output that is one of the inputs, by whatever path or link it is named.</summary>
    /// <param name="output">A file or folder that may be overwritten; need not exist.</param>
    /// <param name="inputs">
    /// Files and folders; a folder stands for itself and for the files of a model in it. Those that are null, as options not given, are none.
    /// </param>
    /// <exception cref="GptGenException">It is.</exception>
    internal static void RequireNotInput(string output, params IEnumerable<string?> inputs)
    {
        if (FileStatus.Of(output).Kind is not (FileKind.File or FileKind.Folder))
            return;
        foreach (var input in inputs)
        {
            if (!string.IsNullOrEmpty(input) && FilesOf(input).FirstOrDefault(path => ModelFolder.AreSame(output, path)) is { } same)
                throw new GptGenException($"'{output}' is read as '{same}' and would be overwritten: name another --out.");
        }
    }

    private static IEnumerable<string> FilesOf(string input)
    {
        yield return input;
        if (FileStatus.Of(input).Kind != FileKind.Folder)
            yield break;
        var options = new EnumerationOptions { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };
        foreach (var path in Directory.EnumerateFiles(input, "*", options).Take(MostFiles))
        {
            if (s_modelFiles.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
                yield return path;
        }
    }
}
