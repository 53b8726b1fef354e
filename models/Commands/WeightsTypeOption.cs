using System.CommandLine;
using GptGen.Checkpoints;

namespace GptGen.Models.Commands;

/// <summary>How the CPU keeps the matrices of a model that is not trained: <c>--weights-type</c>.</summary>
internal sealed class WeightsTypeOption
{
    private static readonly ElementType[] s_kept = [ElementType.F32, ElementType.BF16, ElementType.Q8_0, ElementType.IQ4_NL];

    private readonly Option<ElementType> option = CommonOptions.Choice(
        "--weights-type", "How the CPU keeps the model's matrices: bf16, q8_0 (8.5 bits a number) and iq4_nl (4.5 bits) take less memory and "
            + "less time a token.", ElementType.F32, among: s_kept);

    /// <summary>Gives a command the option.</summary>
    internal void AddTo(Command command) => command.Add(option);

    /// <summary>What was asked for.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="device">What computes.</param>
    /// <param name="precision">How exactly a GPU is to compute.</param>
    /// <exception cref="GptGenException">Another type than f32 was asked for, and a GPU or something that only a GPU does.</exception>
    internal ElementType Of(ParseResult result, DeviceChoice device, string precision)
    {
        var type = result.GetValue(option);
        if (type != ElementType.F32 && device == DeviceChoice.Cuda)
            throw new GptGenException($"--weights-type {NameOf(type)} is for the CPU: leave it out, or choose --device cpu.");
        if (type != ElementType.F32 && precision != NameOf(ElementType.F32))
            throw new GptGenException($"--weights-type {NameOf(type)} is for the CPU and --precision {precision} for GPUs: leave one of them out.");
        return type;
    }

    private static string NameOf(ElementType type) => type.ToString().ToLowerInvariant();
}
