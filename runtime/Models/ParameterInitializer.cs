using GptGen.RandomNumbers;

namespace GptGen;

/// <summary>Sets a model's weights as its specification says.</summary>
internal static class ParameterInitializer
{
    internal static void Initialize(LanguageModel model, uint seed)
    {
        var buffer = new float[4096];
        for (var index = 0; index < model.Description.Parameters.Count; index++)
        {
            var parameter = model.Description.Parameters[index];
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
        else
            values.Fill(parameter.Initialization == Initialization.Ones ? 1 : 0);
    }
}
