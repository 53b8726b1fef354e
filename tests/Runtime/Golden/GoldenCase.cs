using System.Text.Json;

namespace GptGen.Runtime.Tests.Golden;

/// <summary>A language model's case.</summary>
internal sealed class GoldenCase : GoldenFiles
{
    public GoldenCase(string name)
        : base(name)
    {
        Tokens = Flatten("input_ids");
        Targets = Flatten("targets");
        Sequences = Inputs.GetProperty("input_ids").GetArrayLength();
        Length = Tokens.Length / Sequences;
        var greedy = Inputs.GetProperty("greedy");
        Prompt = greedy.GetProperty("prompt").Deserialize<int[]>()!;
        Continuation = greedy.GetProperty("new_tokens").Deserialize<int[]>()!;
    }

    public int Sequences { get; }

    public int Length { get; }

    public int[] Tokens { get; }

    public int[] Targets { get; }

    public int[] TargetsWithIgnored => Flatten("targets_with_ignored");

    public int[] Prompt { get; }

    public int[] Continuation { get; }

    public override LanguageTrainingGraph Begin(Model model)
    {
        var training = ((LanguageModel)model).CreateTraining(Sequences, Length);
        training.SetBatch(Sequences, Length, Tokens, Targets);
        return training;
    }
}
