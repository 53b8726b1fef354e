using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Runtime.Tests.Models;

/// <summary>The test models by name, with weights large enough that a mistake in any of them shows.</summary>
internal static class Variants
{
    private const double Deviation = 0.3;

    public static IReadOnlyList<string> Names { get; } =
    [
        nameof(OddUntied), nameof(PostNormalized), nameof(WithoutBiases), nameof(OddUntiedAnew), nameof(PostNormalizedAnew),
        nameof(WithoutBiasesAnew),
    ];

    /// <summary>Every name with the reference and with the CPU.</summary>
    public static TheoryData<string, string> NamesAndDevices
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in Names)
            {
                data.Add(name, "reference");
                data.Add(name, "cpu");
            }

            return data;
        }
    }

    public static Device Open(string device) => device == "cpu" ? new CpuDevice(2) : new ReferenceDevice();

    /// <summary>A model with the same random weights on every device; gains lie around 1, everything else around 0.</summary>
    public static LanguageModel Create(string name, Device device)
    {
        LanguageModel model = name switch
        {
            nameof(OddUntied) => OddUntied.Create(device),
            nameof(OddUntiedAnew) => OddUntiedAnew.Create(device),
            nameof(PostNormalized) => PostNormalized.Create(device),
            nameof(PostNormalizedAnew) => PostNormalizedAnew.Create(device),
            nameof(WithoutBiases) => WithoutBiases.Create(device),
            nameof(WithoutBiasesAnew) => WithoutBiasesAnew.Create(device),
            _ => throw new ArgumentException($"No test model is called {name}.", nameof(name)),
        };
        Fill(model);
        return model;
    }

    /// <summary>Gives a model the same random weights on every device.</summary>
    public static void Fill(Model model)
    {
        var number = 0;
        foreach (var parameter in model.Description.Parameters.Where(static parameter => parameter.IsStored))
        {
            var mean = parameter.Initialization == Initialization.Ones ? 1 : 0;
            // Uniform values between -1 and 1 deviate by 1 / sqrt(3).
            var values = TestMemory.Random(100 + number++, (int)parameter.Count);
            model.Parameters.Write(parameter.Offset, Array.ConvertAll(values, value => (float)(mean + Deviation * Math.Sqrt(3) * value)));
        }
    }

    /// <summary>Random token ids.</summary>
    public static int[] Tokens(Model model, int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(model.Description.Vocabulary))];
    }

    /// <summary>A parameter's elements of an arena that is laid out as the parameters.</summary>
    public static float[] Read(Arena arena, ParameterInfo parameter)
    {
        var values = new float[parameter.Count];
        arena.Read(parameter.Offset, values);
        return values;
    }

    /// <summary>Asserts that each parameter's values agree in relative L2.</summary>
    public static void Close(Model model, Arena expected, Arena actual, double tolerance)
    {
        foreach (var parameter in model.Description.Parameters.Where(static parameter => !parameter.IsFrozen))
        {
            var reference = Read(expected, parameter);
            var error = Math.Sqrt(reference.Zip(Read(actual, parameter), (e, a) => Math.Pow((double)e - a, 2)).Sum());
            var norm = Math.Sqrt(reference.Sum(e => (double)e * e));
            Assert.True(error <= tolerance * norm, $"{parameter.Name} is off by {error:E2} of {norm:E2}.");
        }
    }
}
