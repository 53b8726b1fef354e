using GptGen.Checkpoints;
using GptGen.Reference;
using GptGen.Runtime.Tests.Models;
using Xunit;

namespace GptGen.Runtime.Tests.Checkpoints;

/// <summary>
/// Weights that several threads read piece by piece to where they stay, beside those of the reference device, which reads matrix by matrix and turns
/// each as a whole.
/// </summary>
public sealed class ParameterLoadingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("x", ElementType.F32)]
    [InlineData("x", ElementType.F16)]
    [InlineData("x", ElementType.BF16)]
    [InlineData("x.gguf", ElementType.Q8_0)]
    public void EveryNumberComesToItsPlace(string name, ElementType type)
    {
        Compare<BareUntied>(name, type);
        // Rows and columns that are no multiple of anything, or of 8 and not of 32.
        Compare<WideTiny>(name, type);
        if (name == "x.gguf")
            return;
        Compare<OddUntied>(name, type);
        // A table of several pieces.
        Compare<LargeTable>(name, type);
        // Matrices that lie one behind the other, and convolutions.
        Compare<DirectedClassifier>(name, type);
        Compare<LetterClassifier>(name, type);
    }

    [Theory]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.Q8_0)]
    [InlineData(ElementType.IQ4_NL)]
    public void WhatIsRoundedInPiecesIsRoundedAsAWhole(ElementType kept)
    {
        Round<BareUntied>(kept);
        Round<WideTiny>(kept);
    }

    /// <summary>A mapping would end the process here.</summary>
    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.Q8_0)]
    public void AFileThatBecomesShorterIsAMessage(ElementType kept)
    {
        var path = folder.File("x.safetensors");
        using var device = new CpuDevice(3, kept);
        using var model = WideTiny.Create(device);
        model.Initialize(1);
        ModelCheckpoint.Save(model, path);
        using (var files = WeightFiles.Open(path))
        {
            var map = WeightMap.Create(files, model.Description);
            using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                writer.SetLength(writer.Length / 2);
            Assert.Contains("became shorter", Assert.Throws<GptGenException>(() => map.Load(model.Parameters)).Message);
        }

        // The threads are ready for the next work.
        ModelCheckpoint.Save(model, path);
        ModelCheckpoint.Load(model, path);
    }

    [Fact]
    public void WhatIsNotFiniteIsNamedWhereBytesAreTakenAsTheyAre()
    {
        using var device = new CpuDevice(2);
        using var model = BareUntied.Create(device);
        model.Initialize(1);
        var table = model.ReadParameter("wte.weight");
        table[^3] = float.NaN;
        model.WriteParameter("wte.weight", table);
        ModelCheckpoint.Save(model, folder.File("x"), ElementType.BF16);
        using var small = new CpuDevice(2, ElementType.BF16);
        using var copy = BareUntied.Create(small);
        Assert.Contains(
            "has numbers in 'transformer.wte.weight' that are not finite",
            Assert.Throws<GptGenException>(() => ModelCheckpoint.Load(copy, folder.File("x"))).Message);
    }

    private void Compare<TModel>(string name, ElementType type)
        where TModel : Model, IModel<TModel>
    {
        var path = folder.File(typeof(TModel).Name + name);
        using var reference = new ReferenceDevice();
        using var device = new CpuDevice(3);
        using (var saved = TModel.Create(device))
        {
            Fill(saved);
            ModelCheckpoint.Save(saved, path, type);
        }

        using var expected = TModel.Create(reference);
        ModelCheckpoint.Load(expected, path);
        using var packing = new CpuDevice(3, inferenceOnly: true);
        foreach (var computer in (CpuDevice[])[device, packing])
        {
            using var actual = TModel.Create(computer);
            ModelCheckpoint.Load(actual, path);
            AssertSame(expected, actual);
        }
    }

    private void Round<TModel>(ElementType kept)
        where TModel : Model, IModel<TModel>
    {
        var path = folder.File(typeof(TModel).Name);
        using var plain = new CpuDevice(1);
        using var saved = TModel.Create(plain);
        Fill(saved);
        ModelCheckpoint.Save(saved, path);
        using var device = new CpuDevice(3, kept);
        using var expected = TModel.Create(device);
        foreach (var parameter in saved.Description.Tensors)
            expected.WriteParameter(parameter.Name, saved.ReadParameter(parameter.Name));
        using var actual = TModel.Create(device);
        ModelCheckpoint.Load(actual, path);
        AssertSame(expected, actual);
    }

    private static void Fill(Model model)
    {
        var random = new Random(7);
        foreach (var parameter in model.Description.Tensors)
            model.WriteParameter(parameter.Name, [.. Enumerable.Range(0, (int)parameter.Count).Select(_ => random.NextSingle() - 0.5f)]);
    }

    private static void AssertSame(Model expected, Model actual)
    {
        foreach (var parameter in expected.Description.Tensors)
        {
            var values = expected.ReadParameter(parameter.Name);
            Assert.Equal(
                Array.ConvertAll(values, BitConverter.SingleToInt32Bits),
                Array.ConvertAll(actual.ReadParameter(parameter.Name), BitConverter.SingleToInt32Bits));
        }
    }
}
