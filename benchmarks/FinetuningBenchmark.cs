using System.Diagnostics;
using System.Globalization;
using GptGen.Checkpoints;
using GptGen.Models;
using GptGen.Models.Comparison;
using GptGen.Text;
using GptGen.Training;

namespace GptGen.Benchmarks;

/// <summary>
/// What pre-training is worth: four tasks on real text, each learned by the pre-trained model, by the same model from random weights with the same
/// options, and by logistic regression on words. Accuracy on types that neither pre-training nor fine-tuning saw.
/// </summary>
internal static class FinetuningBenchmark
{
    private const string Body = "gpt1-mini-4k";
    private const int Vocabulary = 4096;
    private const int PretrainingLength = 128;

    /// <summary>
    /// Runs the table; the arguments are the folder of the pre-trained weights, made if it has none, and of the examples, and a seed.
    /// </summary>
    public static int Run(string[] arguments)
    {
        var start = Stopwatch.GetTimestamp();
        var seed = 1u;
        if (arguments.Length > 2
            || (arguments.Length == 2 && !uint.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed)))
        {
            Console.Error.WriteLine("usage: benchmarks finetune [folder] [seed]");
            return 1;
        }

        var tasks = new DocumentationTasks(MemberReader.Read());
        using var device = new CpuDevice();
        var folder = arguments.Length > 0 ? arguments[0] : Directory.CreateTempSubdirectory("gptgen-finetune-").FullName;
        foreach (var set in tasks.All)
            TaskFiles.Write(set, Path.Combine(folder, set.Name));
        if (TrainingCheckpoint.FindLatest(folder) is null)
            Pretrain(device, tasks.PretrainingText, folder);
        Console.WriteLine($"pre-trained after {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s; accuracy on held-out types, in %");
        Console.WriteLine("task              training  test  chance  words  from scratch  fine-tuned");
        foreach (var set in tasks.All)
            Row(device, set, folder, seed);
        Console.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s in all");
        if (arguments.Length == 0)
            Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static void Row(CpuDevice device, TaskSet set, string folder, uint seed)
    {
        var run = new TaskRun(device, Tokenizer.Open(folder), seed) { Show = Console.Error.WriteLine };
        var words = WordCounts.Accuracy(set, set.Labels);
        var scratch = run.Accuracy(Body, set, weights: null);
        var tuned = run.Accuracy(Body, set, folder);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Name,-16}{set.Training.Count,10}{set.Test.Count,6}{100 * set.CommonestLabel(),8:F1}{100 * words,7:F1}"
            + $"{100 * scratch,14:F1}{100 * tuned,12:F1}"));
    }

    private static void Pretrain(CpuDevice device, string text, string folder)
    {
        if (!Tokenizer.IsIn(folder))
            BytePairTrainer.Train(TextCorpus.FromText("the training types' text", text), Vocabulary).Save(folder);
        using var model = (LanguageModel)Zoo.Find(Body).Create(device);
        model.Initialize(1);
        using var data = TokenDataset.Split(TokenSource.FromMemory(Tokenizer.Open(folder).Encode(text)), 0.02);
        // Thirteen passes over the text, hence the dropout.
        var options = new TrainingOptions
        {
            Steps = 2500,
            Batch = 16,
            Length = PretrainingLength,
            LearningRate = 2e-3,
            Warmup = 200,
            WeightDecay = 0.01,
            Dropout = 0.1,
            EvaluateEvery = 500,
            SaveEvery = 0,
        };
        Console.WriteLine($"pre-training {Body} on {data.Training.Count} tokens");
        using var trainer = new Trainer(model, data, options, folder);
        foreach (var step in trainer.Run(CancellationToken.None))
        {
            if (step.Step % 250 == 0 || step.ValidationLoss is not null)
                Console.Error.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"step {step.Step}: loss {step.Loss:F3}, validation {step.ValidationLoss:F3}, "
                        + $"{options.Batch * PretrainingLength / step.Seconds:F0} tokens/s"));
        }
    }
}
