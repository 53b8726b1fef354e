using GptGen.Checkpoints;
using GptGen.Checkpoints.Hdf5;
using PureHDF;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// HDF5 files: elmo-tiny's as h5py 3.7 (HDF5 1.10.8) writes them, as bilm-tf does it, and what PureHDF writes in the newer form of the format.
/// </summary>
public sealed class Hdf5FileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "elmo-tiny", name);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFileOfH5pyHasEveryTensor()
    {
        using var expected = SafetensorsFile.Open(Golden("model.safetensors"));
        using var files = WeightFiles.Open(Golden("elmo-tiny_weights.hdf5"));
        var found = files.Tensors.ToDictionary(static pair => pair.Tensor.Name);
        Assert.Equal(
            expected.Tensors.Select(static tensor => tensor.Name).Where(static name => !name.StartsWith("input_ELMo", StringComparison.Ordinal))
                .Order(),
            found.Keys.Order());
        Assert.Equal([261, 5], found["char_embed"].Tensor.Shape);
        foreach (var (name, (file, tensor)) in found)
        {
            Assert.Equal((expected[name].ShapeText, "F32"), (tensor.ShapeText, tensor.Type));
            Assert.Equal(expected.ReadAll(name), Read(file, tensor));
        }

        var values = new float[3];
        var (weights, table) = found["char_embed"];
        weights.Read(table, 7, values);
        Assert.Equal(expected.ReadAll("char_embed")[7..10], values);
    }

    [Fact]
    public void TheSoftmaxByItselfIsAFileToo()
    {
        using var file = Hdf5File.Open(Golden("elmo-tiny_softmax_weights.hdf5"));
        Assert.Equal(["softmax/W", "softmax/b"], file.Tensors.Select(static tensor => tensor.Name).Order(StringComparer.Ordinal));
        using var files = WeightFiles.Open(Golden("elmo-tiny_softmax_weights.hdf5"));
        Assert.Equal(2, files.Tensors.Count());
    }

    /// <summary>Small numbers lie in headers, larger ones behind them; groups have their links in their headers.</summary>
    [Fact]
    public void AFileOfPureHdfHasEveryTensor()
    {
        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
        var (small, large, inner) = (Numbers(6), Numbers(50_000), Numbers(24));
        var file = new H5File { ["small"] = new H5Dataset(small, fileDims: [2, 3]), ["large"] = large };
        var group = new H5Group { ["W"] = new H5Dataset(inner, fileDims: [1, 2, 3, 4]), ["Cell"] = new H5Group { ["B"] = new double[3] } };
        for (var i = 0; i < 40; i++)
            group[$"number {i}"] = new float[] { i };
        file["RNN"] = group;
        file.Write(folder.File("x.hdf5"));
        using var read = Hdf5File.Open(folder.File("x.hdf5"));
        float[] Of(string name) => Read(read, read.Tensors.Single(tensor => tensor.Name == name));
        Assert.Equal(44, read.Tensors.Count);
        Assert.Equal(small, Of("small"));
        Assert.Equal(large, Of("large"));
        Assert.Equal(inner, Of("RNN/W"));
        Assert.Equal([39f], Of("RNN/number 39"));
        Assert.Equal("[1, 2, 3, 4]", read.Tensors.Single(static tensor => tensor.Name == "RNN/W").ShapeText);
        var error = Assert.Throws<GptGenException>(() => Of("RNN/Cell/B"));
        Assert.Contains("'RNN/Cell/B'", error.Message);
        Assert.Contains("F64", error.Message);
    }

    [Fact]
    public void NumbersInChunksAreRefused()
    {
        new H5File { ["W"] = new H5Dataset(new float[64], chunks: [16]) }.Write(folder.File("x.hdf5"));
        var error = Assert.Throws<GptGenException>(() => Hdf5File.Open(folder.File("x.hdf5")));
        Assert.Contains("'W' in chunks, which is not read: save it again", error.Message);
    }

    [Fact]
    public void OtherFilesAreRefusedByTheirKind()
    {
        File.WriteAllBytes(folder.File("a.hdf5"), "GGUF and more of it"u8);
        Assert.Contains("GGUF", Assert.Throws<GptGenException>(() => WeightFiles.Open(folder.File("a.hdf5"))).Message);
        File.WriteAllBytes(folder.File("b.hdf5"), [1, 2, 3, 4]);
        Assert.Contains("does not begin as one does", Assert.Throws<GptGenException>(() => WeightFiles.Open(folder.File("b.hdf5"))).Message);
    }

    /// <summary>What is damaged is read or refused in one line.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AMutatedFileIsReadOrRefused(bool isOfH5py)
    {
        if (!isOfH5py)
            new H5File { ["a"] = new float[9], ["G"] = new H5Group { ["b"] = new float[3] } }.Write(folder.File("new.hdf5"));
        var original = File.ReadAllBytes(isOfH5py ? Golden("elmo-tiny_softmax_weights.hdf5") : folder.File("new.hdf5"));
        // The head of the file describes it; behind it are numbers.
        var described = original[..Math.Min(original.Length, 3000)];
        var refused = 0;
        foreach (var mutant in Mutants.Of(described, 2000, seed: 3))
        {
            var path = folder.Write("x.hdf5", [.. mutant, .. original[described.Length..]]);
            Mutants.AcceptsOrRefuses(
                () =>
                {
                    refused++;
                    using var file = Hdf5File.Open(path);
                    foreach (var tensor in file.Tensors.Where(static tensor => tensor.Element is not null))
                        Read(file, tensor);
                    refused--;
                },
                mutant);
        }

        Assert.InRange(refused, 100, 1990);
    }

    private static float[] Read(ITensorFile file, SafetensorsTensor tensor)
    {
        file.RequireFloat(tensor);
        var values = new float[tensor.Count];
        file.Read(tensor, 0, values);
        return values;
    }
}
