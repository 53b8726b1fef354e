using GptGen.Files;

namespace GptGen.Checkpoints.Gguf;

/// <summary>
/// The header of a GGUF file, read and checked completely: afterwards every tensor is of a type that is read, lies inside the file, and shares no
/// byte with another.
/// </summary>
internal sealed class GgufHeader
{
    private const int MostDimensions = 4;
    private const int MostAlignment = 1 << 16;

    private readonly RandomAccessFile file;
    private readonly GgufCursor cursor;

    private GgufHeader(RandomAccessFile file) => (this.file, cursor) = (file, new(file));

    /// <summary>The metadata: whole numbers as long, others as double, bool, string, and arrays, which are read when they are asked for.</summary>
    internal Dictionary<string, object> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors in the order of their bytes, under the names that the file gives them.</summary>
    internal List<SafetensorsTensor> Tensors { get; } = [];

    /// <summary>Whether a file begins as one.</summary>
    internal static bool IsBeginning(RandomAccessFile file) =>
        file.Length >= GgufFormat.Magic.Length && file.Read(0, GgufFormat.Magic.Length).AsSpan().SequenceEqual(GgufFormat.Magic);

    /// <summary>Reads a header.</summary>
    /// <exception cref="GptGenException">The file is no GGUF file, is damaged, or has tensors of a type that is not read.</exception>
    internal static GgufHeader Read(RandomAccessFile file)
    {
        if (!IsBeginning(file))
        {
            ForeignFile.Refuse(file);
            throw new GptGenException($"'{file.Path}' is not a GGUF file: it does not begin with GGUF. Check that it is the right file.");
        }

        var header = new GgufHeader(file);
        header.Read();
        return header;
    }

    /// <summary>A value, which must be of a type; null where the key is missing.</summary>
    /// <exception cref="GptGenException">It is of another.</exception>
    internal T? Find<T>(string key)
        where T : class => !Values.TryGetValue(key, out var value) ? null
            : (value is UnreadArray array ? Values[key] = Read(key, array) : value) as T
            ?? throw cursor.Damaged($"'{MessageText.Shorten(key)}' has a value of another type than it should");

    /// <summary>A whole number within what an int holds; null where the key is missing.</summary>
    /// <exception cref="GptGenException">It is none.</exception>
    internal int? FindNumber(string key) => !Values.TryGetValue(key, out var value) ? null
        : value is long number and >= 0 and <= int.MaxValue ? (int)number
        : throw cursor.Damaged($"'{MessageText.Shorten(key)}' is no whole number that a size could be");

    /// <summary>A whole number.</summary>
    /// <exception cref="GptGenException">The key is missing, or it is none.</exception>
    internal int Number(string key) => FindNumber(key) ?? throw cursor.Damaged($"it lacks '{key}'");

    internal GptGenException Damaged(string what) => cursor.Damaged(what);

    private void Read()
    {
        _ = cursor.UInt32();
        var version = cursor.UInt32();
        if (version is not (2 or GgufFormat.Version))
        {
            throw new GptGenException(version > 0 && version % (1 << 16) == 0
                ? $"'{file.Path}' is a GGUF file in big-endian order, which is not read: export it for little-endian machines."
                : $"'{file.Path}' is a GGUF file of version {version}, but 2 and 3 are read: export it again with a current llama.cpp.");
        }

        // A name's length, the number of dimensions, one of them, the type and the place.
        var tensors = cursor.Count("tensors", 32);
        var pairs = cursor.Count("pairs of metadata", 13);
        for (var index = 0; index < pairs; index++)
            ReadPair();
        var alignment = FindNumber(GgufFormat.AlignmentKey) ?? GgufFormat.Alignment;
        if (alignment is < 1 or > MostAlignment || !int.IsPow2(alignment))
            throw cursor.Damaged($"'{GgufFormat.AlignmentKey}' is {alignment}, but must be a power of two");
        var infos = new List<(string Name, long[] Shape, uint Type, ulong Offset)>();
        for (var index = 0; index < tensors; index++)
            infos.Add(ReadInfo());
        Place(infos, (cursor.Position + alignment - 1) / alignment * alignment, alignment);
    }

    private void ReadPair()
    {
        var key = cursor.Text("a key");
        var type = (GgufValueType)cursor.UInt32();
        if (!Values.TryAdd(key, type == GgufValueType.Array ? PassArray(key) : ReadValue(key, type)))
            throw cursor.Damaged($"it has '{MessageText.Shorten(key)}' twice");
    }

    private object ReadValue(string key, GgufValueType type) =>
        type == GgufValueType.String ? cursor.Text($"the value of '{MessageText.Shorten(key)}'") : cursor.Scalar(type);

    /// <summary>
    /// Passes over an array and notes where it is: vocabularies are long, and who opens a file for its weights, which happens several times, needs
    /// none.
    /// </summary>
    private UnreadArray PassArray(string key)
    {
        var type = (GgufValueType)cursor.UInt32();
        if (type == GgufValueType.Array)
            throw cursor.Damaged($"'{MessageText.Shorten(key)}' is an array of arrays, which no key has");
        if (type > GgufValueType.Float64)
            throw cursor.UnknownType(type);
        var size = GgufCursor.LeastSize(type);
        var array = new UnreadArray(type, cursor.Count($"elements of '{MessageText.Shorten(key)}'", size), cursor.Position);
        if (type != GgufValueType.String)
        {
            cursor.Skip((long)array.Count * size);
            return array;
        }

        var what = Element(key);
        for (var index = 0; index < array.Count; index++)
            cursor.SkipText(what);
        return array;
    }

    private object Read(string key, UnreadArray array)
    {
        var from = new GgufCursor(file, array.Place);
        if (array.Type == GgufValueType.String)
        {
            var what = Element(key);
            var texts = new string[array.Count];
            for (var index = 0; index < texts.Length; index++)
                texts[index] = from.Text(what);
            return texts;
        }

        // Scores and flags of tokens say nothing here.
        if (array.Type is GgufValueType.Float32 or GgufValueType.Float64 or GgufValueType.Bool)
            return Array.Empty<long>();
        var numbers = new long[array.Count];
        for (var index = 0; index < numbers.Length; index++)
            numbers[index] = (long)from.Scalar(array.Type);
        return numbers;
    }

    private static string Element(string key) => $"an element of '{MessageText.Shorten(key)}'";

    private (string Name, long[] Shape, uint Type, ulong Offset) ReadInfo()
    {
        var name = cursor.Text("a tensor's name");
        var dimensions = cursor.UInt32();
        if (dimensions is < 1 or > MostDimensions)
            throw cursor.Damaged($"tensor '{MessageText.Shorten(name)}' has {dimensions} dimensions");
        var shape = new long[dimensions];
        long elements = 1;
        // The fastest dimension comes first.
        for (var index = shape.Length - 1; index >= 0; index--)
        {
            var size = cursor.UInt64();
            if (size < 1 || size > (ulong)(long.MaxValue / elements / sizeof(float)))
                throw cursor.Damaged($"tensor '{MessageText.Shorten(name)}' has {size} elements in one dimension");
            shape[index] = (long)size;
            elements *= shape[index];
        }

        return (name, shape, cursor.UInt32(), cursor.UInt64());
    }

    private void Place(List<(string Name, long[] Shape, uint Type, ulong Offset)> infos, long start, int alignment)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, shape, number, offset) in infos)
        {
            var shown = MessageText.Shorten(name);
            if (!names.Add(name))
                throw cursor.Damaged($"it has the tensor '{shown}' twice");
            if (GgufTensorTypes.Find(number) is not { } type)
            {
                throw new GptGenException(
                    $"Tensor '{shown}' of '{file.Path}' is of type {GgufTensorTypes.Name(number)}, but F32, F16, BF16, Q8_0 and IQ4_NL are read: "
                    + "take the model in one of these.");
            }

            if (type.HasBlocks() && shape[^1] % QuantizedBlocks.Elements != 0)
            {
                throw cursor.Damaged(
                    $"tensor '{shown}' is of type {type}, but its rows of {shape[^1]} are no multiple of {QuantizedBlocks.Elements}");
            }

            var count = shape.Aggregate(1L, static (product, size) => product * size);
            var bytes = type.BytesOf(count);
            if (offset % (ulong)alignment != 0)
                throw cursor.Damaged($"tensor '{shown}' begins at {offset}, which is no multiple of {alignment}");
            if (start > file.Length || offset > (ulong)(file.Length - start) || bytes > file.Length - start - (long)offset)
                throw cursor.Damaged($"tensor '{shown}' reaches beyond its end: it is truncated");
            Tensors.Add(new(name, type.ToString(), shape, count, start + (long)offset, bytes));
        }

        Tensors.Sort(static (first, second) => first.Offset.CompareTo(second.Offset));
        for (var index = 1; index < Tensors.Count; index++)
        {
            var (before, tensor) = (Tensors[index - 1], Tensors[index]);
            if (before.Offset + before.ByteCount > tensor.Offset)
                throw cursor.Damaged($"the tensors '{MessageText.Shorten(before.Name)}' and '{MessageText.Shorten(tensor.Name)}' overlap");
        }
    }

    /// <summary>An array that lies in the file.</summary>
    /// <param name="Type">Its elements' type.</param>
    /// <param name="Count">How many there are.</param>
    /// <param name="Place">Its first byte.</param>
    private sealed record UnreadArray(GgufValueType Type, int Count, long Place);
}
