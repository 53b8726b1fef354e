using GptGen.Files;

namespace GptGen.Checkpoints.Hdf5;

/// <summary>
/// An HDF5 file of weights as h5py writes them, and bilm-tf's with it: every dataset is a tensor, named by the path of its groups
/// (<c>CNN/W_cnn_0</c>). It is checked completely when it is opened. Of the format's many forms those are read that such files have: numbers in one
/// piece, groups with a symbol table or with links in their headers.
/// </summary>
/// <remarks>PureHDF reads more, but finds its readers by reflection, which native builds do not have.</remarks>
internal sealed class Hdf5File : ITensorFile
{
    /// <summary>How the files' names end.</summary>
    internal const string Extension = ".hdf5";

    private const string Weights = "_weights" + Extension;
    private const string Softmax = "_softmax" + Weights;
    private const int DeepestGroup = 64;
    private const int MostObjects = 100_000;

    private readonly RandomAccessFile file;
    private readonly List<SafetensorsTensor> tensors = [];

    private Hdf5File(RandomAccessFile file)
    {
        this.file = file;
        var sizes = ReadSuperblock();
        Walk(sizes, sizes.Root, "", [], depth: 0);
        tensors.Sort(static (first, second) => first.Offset.CompareTo(second.Offset));
    }

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <inheritdoc/>
    public string Path => file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public IReadOnlyList<SafetensorsTensor> Tensors => tensors;

    /// <summary>Whether a path names such a file.</summary>
    internal static bool IsName(string path) => path.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="GptGenException">The file is missing, unreadable or damaged, or has a form that is not read.</exception>
    internal static Hdf5File Open(string path)
    {
        var file = RandomAccessFile.Open(path, WeightFiles.Need);
        try
        {
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Opens a file and the one beside it that holds the softmax of the same model, as bilm-tf's are published: <c>X_weights.hdf5</c> and
    /// <c>X_softmax_weights.hdf5</c>.
    /// </summary>
    /// <exception cref="GptGenException">As <see cref="Open"/>.</exception>
    internal static IEnumerable<Hdf5File> OpenWithSoftmax(string path)
    {
        yield return Open(path);
        if (path.EndsWith(Weights, StringComparison.Ordinal) && !path.EndsWith(Softmax, StringComparison.Ordinal)
            && path[..^Weights.Length] + Softmax is var softmax && File.Exists(softmax))
            yield return Open(softmax);
    }

    /// <inheritdoc/>
    public ElementType RequireFloat(SafetensorsTensor tensor) => tensor.Element ?? throw new GptGenException(
        $"Tensor '{MessageText.Shorten(tensor.Name)}' of '{Path}' is of type {tensor.Type}, but weights are F32 or F16. Convert it to one of these.");

    /// <inheritdoc/>
    public void Read(SafetensorsTensor tensor, long first, Span<float> destination)
    {
        var type = RequireFloat(tensor);
        file.Read(tensor.Offset + first * type.Size(), type, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>HDF5 File Format Specification 3.0, section II.A.</summary>
    private Hdf5Sizes ReadSuperblock()
    {
        const int Prefix = 16;
        if (file.Length < Prefix || !file.Read(0, Magic.Length).AsSpan().SequenceEqual(Magic))
        {
            ForeignFile.Refuse(file);
            throw Hdf5Cursor.Damaged(file, "it does not begin as one does");
        }

        var start = new Hdf5Cursor(file, default, Magic.Length, Prefix - Magic.Length);
        var version = start.Byte();
        if (version > 3)
            throw Hdf5Cursor.Damaged(file, $"it is of version {version}, and those up to 3 are known");
        var isOld = version < 2;
        start.Skip(isOld ? 4 : 0);
        Hdf5Sizes sizes = new(start.Byte(), start.Byte(), 0);
        if (sizes.AddressSize is not (4 or 8) || sizes.LengthSize is not (4 or 8))
            throw Hdf5Cursor.Damaged(file, $"its addresses have {sizes.AddressSize} bytes and its lengths {sizes.LengthSize}");
        var place = isOld ? version == 0 ? 24 : 28 : 12;
        var addresses = new Hdf5Cursor(file, sizes, place, (isOld ? 6 : 4) * sizes.AddressSize);
        if (addresses.Address() != 0)
            throw Hdf5Cursor.Damaged(file, "something stands before it");
        // Old files have the free space's, the end's and the driver's address, and an entry that begins with the place of a name.
        addresses.Skip((isOld ? 4 : 2) * sizes.AddressSize);
        return sizes with { Root = addresses.Address() };
    }

    /// <summary>Collects the datasets of an object and what is in it; an object that is there under several names counts once.</summary>
    private void Walk(Hdf5Sizes sizes, long address, string name, HashSet<long> seen, int depth)
    {
        if (!seen.Add(address))
            return;
        if (depth > DeepestGroup || seen.Count > MostObjects)
            throw Hdf5Cursor.Damaged(file, $"it has groups in groups, or objects, without end");
        var messages = Hdf5Object.Read(file, sizes, address);
        if (!Hdf5Group.Is(messages))
        {
            if (Hdf5Dataset.Read(file, name, messages) is { } tensor)
                tensors.Add(tensor);
            return;
        }

        foreach (var (child, place) in Hdf5Group.Links(file, sizes, messages))
            Walk(sizes, place, name.Length == 0 ? child : $"{name}/{child}", seen, depth + 1);
    }
}
