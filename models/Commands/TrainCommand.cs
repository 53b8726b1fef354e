using System.CommandLine;
using GptGen.Training;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen train</c>: trains a model of the zoo on text.</summary>
internal static class TrainCommand
{
    internal static Command Create()
    {
        var defaults = new TrainingOptions();
        var model = CommonOptions.Model();
        var data = CommonOptions.Data();
        var tokenizer = CommonOptions.Tokenizer();
        var steps = CommonOptions.Number("--steps", "Optimiser steps of the whole run.", DefaultSteps);
        var batch = CommonOptions.Number("--batch", "Sequences of a micro-batch.", 24);
        var length = CommonOptions.Number("--length", "Tokens of a sequence; 0 means the model's context.", 0);
        var rate = CommonOptions.Number("--learning-rate", "Learning rate after warm-up.", 2e-3);
        var minimumRate = CommonOptions.Number("--minimum-learning-rate", "Learning rate at the end.", 1e-4);
        var schedule = CommonOptions.Number("--schedule", "How the learning rate falls.", defaults.Schedule);
        var warmup = CommonOptions.Number("--warmup", "Steps of linear rise.", defaults.Warmup);
        var beta2 = CommonOptions.Number("--beta2", "AdamW's decay of the second moment.", defaults.Beta2);
        var decay = CommonOptions.Number("--weight-decay", "Decoupled weight decay, on matrices only.", defaults.WeightDecay);
        var dropout = new Option<double?>("--dropout") { Description = "Probability of dropping an element; the model's own without it." };
        var clip = CommonOptions.Number("--clip", "The largest gradient norm; 0 means no clipping.", defaults.Clip);
        var accumulate = CommonOptions.Number("--accumulate", "Micro-batches of a step.", defaults.Accumulate);
        var evaluateEvery = CommonOptions.Number("--evaluate-every", "Steps between evaluations; 0 means only at the end.", 1000);
        var saveEvery = CommonOptions.Number("--save-every", "Steps between checkpoints; 0 means only at the end.", 1000);
        var seed = CommonOptions.Seed();
        var threads = CommonOptions.Threads();
        var device = CommonOptions.Device();
        var output = new Option<string?>("--out") { Description = "The run's folder; runs/MODEL without it." };
        var resume = new Option<bool>("--resume") { Description = "Continue the newest checkpoint of the run's folder." };
        var command = new Command("train", "Train a model on text.")
        {
            model, data, tokenizer, steps, batch, length, rate, minimumRate, schedule, warmup, beta2, decay, dropout, clip, accumulate,
            evaluateEvery, saveEvery, seed, threads, device, output, resume,
        };
        command.SetAction((result, cancellation) =>
        {
            var entry = Zoo.Find(result.GetValue(model)!);
            var options = new TrainingOptions
            {
                Steps = result.GetValue(steps),
                Batch = result.GetValue(batch),
                Length = result.GetValue(length) is var given && given == 0 ? entry.Description.Context : given,
                LearningRate = result.GetValue(rate),
                MinimumLearningRate = result.GetValue(minimumRate),
                Schedule = result.GetValue(schedule),
                Warmup = result.GetValue(warmup),
                Beta2 = result.GetValue(beta2),
                WeightDecay = result.GetValue(decay),
                Dropout = result.GetValue(dropout) ?? entry.Description.Dropout,
                Clip = result.GetValue(clip),
                Accumulate = result.GetValue(accumulate),
                EvaluateEvery = result.GetValue(evaluateEvery),
                SaveEvery = result.GetValue(saveEvery),
                Seed = result.GetValue(seed),
            };
            options.Validate(entry.Description);
            var run = new TrainingRun(entry, options, result.GetValue(output) ?? Path.Combine("runs", entry.Name), result.GetValue(resume));
            using var runDevice = Devices.Open(result.GetValue(device)!, result.GetValue(threads));
            var text = Texts.Tokenizer(result.GetValue(tokenizer), entry.Description);
            return Task.FromResult(run.Execute(runDevice, text, () => Texts.Corpus(result.GetValue(data)), cancellation));
        });
        return command;
    }

    /// <summary>About three minutes of the smallest model on two cores.</summary>
    private const int DefaultSteps = 6000;
}
