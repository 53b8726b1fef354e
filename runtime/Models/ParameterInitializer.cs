using GptGen.RandomNumbers;

namespace GptGen;

/// <summary>Sets a model's weights as its specification says.</summary>
internal static class ParameterInitializer
{
    private const float CarriedAtFirst = -2;

    internal static void Initialize(Model model, uint seed) => Set(model, seed, static _ => true);

    /// <summary>Sets what no file holds, so that a model whose weights are loaded has it too. Constants need no seed.</summary>
    internal static void SetConstants(Model model) => Set(model, 0, static parameter => !parameter.IsStored);

    private static void Set(Model model, uint seed, Func<ParameterInfo, bool> isSet)
    {
        var buffer = new float[4096];
        for (var index = 0; index < model.Description.Parameters.Count; index++)
        {
            var parameter = model.Description.Parameters[index];
            if (!isSet(parameter))
                continue;
            for (nint done = 0; done < parameter.Count; done += buffer.Length)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, parameter.Count - done));
                Fill(part, parameter, seed, index, done);
                model.Parameters.Write(parameter.Offset + done, part);
            }
        }
    }

    private static void Fill(Span<float> values, ParameterInfo parameter, uint seed, int index, nint first)
    {
        if (parameter.Initialization == Initialization.Normal)
            RandomStream.InitialValues(seed, (uint)index).FillNormal((ulong)first, values, 0, parameter.Deviation);
        else if (parameter.Initialization == Initialization.Sinusoids)
            FillSinusoids(values, parameter.Columns, first);
        else if (parameter.Initialization == Initialization.HighwayBias)
            FillHighwayBias(values, parameter.Rows, first);
        else
            values.Fill(parameter.Initialization == Initialization.Ones ? 1 : 0);
    }

    private static void FillHighwayBias(Span<float> values, int rows, nint first)
    {
        for (var index = 0; index < values.Length; index++)
            values[index] = first + index < rows / 2 ? 0 : CarriedAtFirst;
    }

    private static void FillSinusoids(Span<float> values, int columns, nint first)
    {
        var half = columns / 2;
        for (var index = 0; index < values.Length; index++)
        {
            var (position, column) = Math.DivRem(first + index, columns);
            var angle = position * Math.Pow(10000, -2.0 * (column % half) / columns);
            values[index] = (float)(column < half ? Math.Sin(angle) : Math.Cos(angle));
        }
    }
}
