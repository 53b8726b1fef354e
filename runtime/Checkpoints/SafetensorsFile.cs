namespace GptGen.Checkpoints;

/// <summary>
/// A safetensors file, mapped into memory. It is checked completely when it is opened, so that reading cannot fail afterwards.
/// Several threads may read at once.
/// </summary>
public sealed class SafetensorsFile : ITensorFile
{
    private readonly MappedFile file;
    private readonly SafetensorsHeader header;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header)
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
        var file = MappedFile.Open(path);
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
    /// <exception cref="GptGenException">The tensor is not of type F32, F16 or BF16.</exception>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        var type = RequireFloat(tensor);
        if (first < 0 || first > tensor.Count - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(first), $"{destination.Length} elements at {first} do not lie in a tensor of {tensor.Count}.");
        var size = type.Size();
        // Spans of more than 2^31 bytes do not exist.
        const int Chunk = 1 << 28;
        for (var offset = tensor.Offset + (first * size); !destination.IsEmpty; offset += Chunk * (long)size)
        {
            var part = destination[..Math.Min(Chunk, destination.Length)];
            ElementTypes.Decode(type, file.Slice(offset, part.Length * size), part);
            destination = destination[part.Length..];
        }
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
            $"Tensor '{tensor.Name}' of '{Path}' is of type {tensor.Type}, but weights are F32, F16 or BF16. Convert it to one of these.");

    ElementType ITensorFile.RequireFloat(SafetensorsTensor tensor) => RequireFloat(tensor);

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => file.Dispose();
}
