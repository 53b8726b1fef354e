using System.CommandLine;
using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Sampling;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen generate</c>: writes text with trained weights.</summary>
internal static class GenerateCommand
{
    internal static Command Create()
    {
        var model = CommonOptions.Model();
        var weights = CommonOptions.Weights("runs/gpt2-nano");
        var tokenizer = CommonOptions.Tokenizer();
        var prompt = new Option<string>("--prompt") { Description = "What the text begins with.", DefaultValueFactory = _ => "" };
        var tokens = CommonOptions.Number("--tokens", "The most tokens of each sample.", 256);
        var temperature = CommonOptions.Number("--temperature", "Sharpness of the choice; 0 is greedy.", 0.8f);
        var topK = CommonOptions.Number("--top-k", "Choose among the K most probable; 0 means all.", 0);
        var topP = CommonOptions.Number("--top-p", "Choose among the most probable that together reach P.", 1f);
        var minP = CommonOptions.Number("--min-p", "Leave out tokens below P times the most probable.", 0f);
        var penalty = CommonOptions.Number("--repetition-penalty", "Above 1 makes repetition rarer.", 1f);
        var samples = CommonOptions.Number("--samples", "Samples written in one batch.", 1);
        var stop = new Option<string[]>("--stop") { Description = "End a sample before this text; may be given several times." };
        var seed = CommonOptions.Seed();
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        var command = new Command("generate", "Write text with a trained model.")
        {
            model, weights, tokenizer, prompt, tokens, temperature, topK, topP, minP, penalty, samples, stop, seed, threads, device,
        };
        command.SetAction((result, cancellation) =>
        {
            var options = new GenerationOptions
            {
                Tokens = result.GetValue(tokens),
                Samples = result.GetValue(samples),
                Stop = result.GetValue(stop) ?? [],
                Sampling = new()
                {
                    Temperature = result.GetValue(temperature),
                    TopK = result.GetValue(topK),
                    TopP = result.GetValue(topP),
                    MinP = result.GetValue(minP),
                    RepetitionPenalty = result.GetValue(penalty),
                    Seed = result.GetValue(seed),
                },
            };
            options.Validate();
            var entry = Zoo.Find(result.GetValue(model)!);
            using var runDevice = Devices.Open(result.GetValue(device)!, result.GetValue(threads));
            using var loaded = entry.Create(runDevice);
            ModelCheckpoint.Load(loaded, result.GetValue(weights)!);
            var generator = new TextGenerator(loaded, Texts.Tokenizer(result.GetValue(tokenizer), entry.Description));
            Write(generator, result.GetValue(prompt)!, options, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    /// <summary>One sample streams as it appears; several are printed whole, one after the other.</summary>
    private static void Write(TextGenerator generator, string prompt, GenerationOptions options, CancellationToken cancellation)
    {
        var texts = Enumerable.Range(0, options.Samples).Select(_ => new System.Text.StringBuilder(prompt)).ToArray();
        if (options.Samples == 1)
            Console.Write(prompt);
        foreach (var piece in generator.Generate(prompt, options, cancellation))
        {
            if (options.Samples == 1)
                Console.Write(piece.Text);
            else
                texts[piece.Sample].Append(piece.Text);
        }

        Console.WriteLine();
        for (var sample = 0; options.Samples > 1 && sample < texts.Length; sample++)
            Console.WriteLine($"--- sample {sample + 1}\n{texts[sample]}");
    }
}
