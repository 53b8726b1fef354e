using System.Collections.Frozen;
using GptGen.Checkpoints.Gguf;

namespace GptGen.Checkpoints;

/// <summary>What the names of files say of formats that are not written, and in folders of formats that are not read.</summary>
internal static class ForeignName
{
    // Endings that promise a format. Other dots in the names of folders, as in "v1.0", promise nothing.
    private static readonly FrozenSet<string> Formats = new[]
    {
        ".ggml", ".ggmf", ".ggjt", ".pt", ".pth", ".ckpt", ".onnx", ".ort", ".h5", ".hdf5", ".keras", ".msgpack", ".npz", ".npy", ".pb",
        ".pkl", ".pickle", ".tflite", ".mlmodel", ".mlpackage", ".engine", ".plan", ".ot", ".pdparams", ".params", ".nemo", ".distcp", ".index",
        ".safetensor", ".st", ".model", ".mar", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".json", ".jsonl", ".txt", ".csv",
        ".tsv", ".xml", ".yaml", ".yml", ".dat",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly (string Ending, string Kind)[] Unread =
    [
        ("pytorch_model.bin.index.json", "PyTorch"), (".pt", "PyTorch"), (".pth", "PyTorch"), (".ckpt", "PyTorch or TensorFlow"),
        (".h5", "TensorFlow"), (".msgpack", "Flax"), (".onnx", "ONNX"), (".ckpt.index", "TensorFlow"), (".npz", "NumPy"), (".pb", "TensorFlow"),
        (".ot", "Rust"), (".distcp", "PyTorch's shards of a run"),
    ];

    /// <summary>The ending of a path that promises a format in which no weights are written; null where it promises none.</summary>
    internal static string? UnwrittenFormat(string path) =>
        Path.GetExtension(path) is { Length: > 0 } ending && Formats.Contains(ending) ? ending : null;

    /// <summary>What a folder has in place of weights that can be read, and what to do about it.</summary>
    /// <param name="folder">The folder, which can be read.</param>
    internal static string Explain(string folder)
    {
        List<string> names = [.. Directory.EnumerateFileSystemEntries(folder).Select(static entry => Path.GetFileName(entry)!)];
        if (names.Contains("adapter_config.json"))
            return "It holds an adapter (LoRA): merge it into its model in Python (merge_and_unload() of PEFT) and save that.";
        if (names.FirstOrDefault(WeightFiles.IsShard) is { } shard)
            return $"It has '{MessageText.Shorten(shard)}', one of several files of a model, without their index: "
                + $"download {WeightFiles.IndexName} as well.";
        if (names.FirstOrDefault(static name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) || GgufFile.HasName(name))
            is { } weights)
            return $"It has '{MessageText.Shorten(weights)}': name that file.";
        if (names.FirstOrDefault(IsPyTorchShard) is { } old)
            return Remedy(old, "PyTorch");
        foreach (var (ending, kind) in Unread)
        {
            if (names.FirstOrDefault(name => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) is { } file)
                return Remedy(file, kind);
        }

        if (names.FirstOrDefault(static name => name.EndsWith(LlmcCheckpoint.Extension, StringComparison.OrdinalIgnoreCase)) is { } model)
            return $"It has '{MessageText.Shorten(model)}': name that file if it is a model.";
        return Inner(folder, names).Find(name => HasWeights(Path.Combine(folder, name))) is { } nested
            ? $"Its folder '{MessageText.Shorten(nested)}' has weights: name that."
            : "Name the folder or file of the weights.";
    }

    private static bool IsPyTorchShard(string name) =>
        name.StartsWith("pytorch_model", StringComparison.Ordinal) && name.EndsWith(".bin", StringComparison.Ordinal);

    /// <summary>The folders in a folder, and those in the "snapshots" of a hub's cache.</summary>
    private static List<string> Inner(string folder, IReadOnlyList<string> names)
    {
        const string Snapshots = "snapshots";
        var cached = Path.Combine(folder, Snapshots);
        var snapshots = names.Contains(Snapshots) && Directory.Exists(cached)
            ? Directory.EnumerateDirectories(cached).Select(static path => Path.Combine(Snapshots, Path.GetFileName(path)))
            : [];
        return [.. names.Where(name => Directory.Exists(Path.Combine(folder, name))).Concat(snapshots).Order(StringComparer.Ordinal)];
    }

    private static bool HasWeights(string folder)
    {
        try
        {
            return ModelFolder.Of(folder).Weights is not null;
        }
        catch (GptGenException)
        {
            // Closed to this user: no advice.
            return false;
        }
    }

    private static string Remedy(string file, string kind) =>
        $"It has '{MessageText.Shorten(file)}', a format that is not read ({kind}): "
        + "load the model in Python and save it with save_pretrained(FOLDER, safe_serialization=True).";
}
