using GptGen.Files;

namespace GptGen.Checkpoints;

/// <summary>
/// A safetensors file. It is checked completely when it is opened; reading fails afterwards only where the file is changed or its disk fails.
/// Several threads may read at once.
/// </summary>
public sealed class SafetensorsFile : ITensorFile
{
    private readonly RandomAccessFile file;
    private readonly SafetensorsHeader header;

    private SafetensorsFile(RandomAccessFile file, SafetensorsHeader header)
    {
        this.file = file;
        this.header = header;
    }

    /// <summary>The path, as it was given.</summary>
    public string Path => file.Path;

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Every tensor, in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors => header.InOrder;

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GptGenException">The file is missing, unreadable or damaged; the message names the file and the tensor.</exception>
    public static SafetensorsFile Open(string path)
    {
        var file = RandomAccessFile.Open(path, WeightFiles.Need);
        try
        {
            return new(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of this name, or null.</summary>
    public SafetensorsTensor? Find(string name) => header.ByName.GetValueOrDefault(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="GptGenException">There is none.</exception>
    public SafetensorsTensor this[string name] =>
        Find(name) ?? throw new GptGenException($"'{Path}' has no tensor '{name}'. Check that it is the right file.");

    /// <summary>Copies elements from <paramref name="first"/> on, widened to f32, until <paramref name="destination"/> is full.</summary>
    /// <exception cref="GptGenException">The tensor is not of type F32, F16 or BF16, or the file was changed.</exception>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        var type = RequireFloat(tensor);
        if (first < 0 || first > tensor.Count - destination.Length)
            throw new ArgumentOutOfRangeException(
                nameof(first), $"{destination.Length} elements at {first} do not lie in a tensor of {tensor.Count}.");
        file.Read(tensor.Offset + (first * type.Size()), type, destination);
    }

    /// <summary>All elements of a tensor as f32.</summary>
    /// <exception cref="GptGenException">There is no such tensor, or it is not of type F32, F16 or BF16, or too large for one array.</exception>
    public float[] ReadAll(string name)
    {
        var tensor = this[name];
        if (tensor.Count > Array.MaxLength)
            throw new GptGenException($"Tensor '{name}' of '{Path}' has {tensor.Count} elements, too many for one array. Read it in parts.");
        RequireFloat(tensor);
        var values = new float[tensor.Count];
        Read(tensor, 0, values);
        return values;
    }

    /// <summary>The type of a tensor that holds floating-point numbers.</summary>
    internal ElementType RequireFloat(SafetensorsTensor tensor) =>
        tensor.Element ?? throw new GptGenException(
            $"Tensor '{MessageText.Shorten(tensor.Name)}' of '{Path}' is of type {tensor.Type}, but weights are F32, F16 or BF16. "
            + "Convert it to one of these.");

    ElementType ITensorFile.RequireFloat(SafetensorsTensor tensor) => RequireFloat(tensor);

    bool ITensorFile.TryCopy(SafetensorsTensor tensor, long first, Span<byte> destination)
    {
        file.Read(tensor.Offset + (first * RequireFloat(tensor).Size()), destination);
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();
}
