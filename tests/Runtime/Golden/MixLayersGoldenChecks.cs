using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>elmo-tiny's mix of three layers, and the gradients of its weights and gamma for the mean of the squares / 2.</summary>
internal static class MixLayersGoldenChecks
{
    private const int Width = 26;

    public static void Verify(Device device, double tolerance)
    {
        using var files = new ElmoGoldenFiles();
        using (device)
        using (var memory = new TestMemory(device))
        {
            double[] all = [.. Enumerable.Range(0, 3).SelectMany(layer => files.Expected($"lm_embeddings.{layer}"))];
            var layers = memory.Rows<BothDirections>(all);
            var (weights, gamma) = (
                memory.Vector<LayerCount>(files.Weight("input_ELMo_W")), memory.Vector<Width1>(files.Weight("input_ELMo_gamma")));
            var y = memory.Rows<BothDirections>(new double[all.Length / 3]);
            device.MixLayers(layers, weights, gamma, y);
            var mixed = TestMemory.Read(y.Start);
            Near("elmo", mixed);

            var normal = memory.Rows<BothDirections>(new double[all.Length / 3]);
            device.MixNormalizedLayers(layers, weights, gamma, memory.Integers(files.Lengths), 1, 1e-12f, normal);
            // Rows behind a sequence's end, 0 there, are not 0 once a mean is taken from them.
            var length = all.Length / 3 / Width / files.Lengths.Length;
            Near(
                "elmo_layer_norm",
                [.. TestMemory.Read(normal.Start).Select(
                    (value, index) => index / Width % length < files.Lengths[index / Width / length] ? value : 0)]);

            // Rows behind a sequence's end are zero in every layer.
            var numbers = files.Lengths.Sum() * Width;
            var (dWeights, dGamma) = (memory.Vector<LayerCount>(new double[3]), memory.Vector<Width1>(new double[1]));
            device.MixLayersBackward(
                memory.Rows<BothDirections>([.. mixed.Select(value => value / numbers)]), layers, weights, gamma, default, GradientWrite.Write,
                dWeights, dGamma, GradientWrite.Write);
            Near("mix_grad.input_ELMo_W", TestMemory.Read(dWeights.Start));
            Near("mix_grad.input_ELMo_gamma", TestMemory.Read(dGamma.Start));
        }

        void Near(string name, double[] actual)
        {
            var expected = files.Expected(name);
            Assert.Equal(expected.Length, actual.Length);
            var largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance * largest));
        }
    }

    private readonly struct BothDirections : IDimension
    {
        public static int Size => Width;

        public static int Stored => Width;
    }

    private readonly struct LayerCount : IDimension
    {
        public static int Size => 3;

        public static int Stored => 3;
    }
}
