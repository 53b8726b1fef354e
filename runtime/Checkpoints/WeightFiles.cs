using System.Text.Json;
using System.Text.RegularExpressions;
using GptGen.Checkpoints.Gguf;
using GptGen.Checkpoints.Hdf5;
using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// The tensors of a checkpoint: one safetensors file, several shards that an index names, OpenAI's files of GPT-1, HDF5 files of bilm-tf, or a
/// GGUF file of llama.cpp.
/// </summary>
internal sealed partial class WeightFiles : IDisposable
{
    internal const string FileName = "model.safetensors";

    /// <summary>What the user is to name, for messages. Users of Hugging Face's libraries are used to names that are downloaded.</summary>
    internal const string Need = "a file of weights or its folder on this machine, as nothing is downloaded";

    internal const string IndexName = "model.safetensors.index.json";

    private readonly List<ITensorFile> files = [];

    private WeightFiles(string path) => Path = path;

    /// <summary>What was opened: a file or an index.</summary>
    internal string Path { get; }

    /// <summary>Every tensor and the file that holds it.</summary>
    internal IEnumerable<(ITensorFile File, SafetensorsTensor Tensor)> Tensors =>
        files.SelectMany(file => file.Tensors.Select(tensor => (file, tensor)));

    /// <summary>The metadata of the first file.</summary>
    internal IReadOnlyDictionary<string, string> Metadata => files[0].Metadata;

    /// <summary>Whether matrices are known to lie as in memory, [out, in].</summary>
    internal bool HasTurnedMatrices => files.Exists(static file => file.HasTurnedMatrices);

    /// <summary>Whether a file is one of several that hold a model together, by the name that Hugging Face's libraries give them.</summary>
    internal static bool IsShard(string name) => ShardName().IsMatch(name);

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.safetensors$", RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();

    /// <summary>Opens a safetensors file, an index of shards, OpenAI's list of shapes, an HDF5 file, or a GGUF file.</summary>
    /// <exception cref="GptGenException">A file is missing or damaged, or index and shards contradict each other.</exception>
    internal static WeightFiles Open(string path)
    {
        var weights = new WeightFiles(path);
        try
        {
            if (System.IO.Path.GetFileName(path) == OpenAIParameters.ShapesName)
                weights.files.Add(OpenAIParameters.Open(path));
            else if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                weights.OpenShards();
            else if (Hdf5File.IsName(path))
                weights.files.AddRange(Hdf5File.OpenWithSoftmax(path));
            else if (GgufFile.IsOne(path))
                weights.files.Add(GgufFile.Open(path));
            else
                weights.files.Add(SafetensorsFile.Open(path));
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private void OpenShards()
    {
        var map = ReadIndex();
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        foreach (var name in map.Values.Distinct().Order(StringComparer.Ordinal))
        {
            // An index is data: it may not reach outside its folder.
            if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0'))
            {
                throw new GptGenException(
                    $"The index '{Path}' names the shard '{MessageText.Shorten(name)}', which is not a plain file name. Export the model again.");
            }

            var shard = System.IO.Path.Combine(folder, name);
            if (FileStatus.OfEntry(shard).Kind == FileKind.Missing)
            {
                throw new GptGenException(
                    $"The index '{Path}' names the shard '{MessageText.Shorten(name)}', which is not in its folder: download or copy it there.");
            }

            files.Add(SafetensorsFile.Open(shard));
        }

        if (files.Count == 0)
            throw new GptGenException($"The index '{Path}' names no tensor. Export the model again.");
        foreach (var (file, tensor) in Tensors)
        {
            if (!map.Remove(tensor.Name, out var shard) || shard != System.IO.Path.GetFileName(file.Path))
            {
                throw new GptGenException(
                    $"Tensor '{MessageText.Shorten(tensor.Name)}' lies in '{file.Path}', but the index '{Path}' does not say so. "
                    + "Download both again.");
            }
        }

        foreach (var (tensor, shard) in map)
        {
            throw new GptGenException(
                $"The index '{Path}' places tensor '{MessageText.Shorten(tensor)}' into '{MessageText.Shorten(shard)}', which does not have it. "
                + "Download both again.");
        }
    }

    private Dictionary<string, string> ReadIndex()
    {
        using var document = JsonFile.Read(Path);
        if (!document.RootElement.TryGetProperty("weight_map", out var entries) || entries.ValueKind != JsonValueKind.Object)
            throw new GptGenException($"'{Path}' has no 'weight_map', so it is no index of weights: name the folder of the weights, or their file.");
        var map = new Dictionary<string, string>();
        foreach (var entry in entries.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String || !map.TryAdd(entry.Name, entry.Value.GetString()!))
            {
                throw new GptGenException(
                    $"The index '{Path}' has a wrong or repeated entry '{MessageText.Shorten(entry.Name)}'. Download or export it again.");
            }
        }

        return map;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files)
            file.Dispose();
    }
}
