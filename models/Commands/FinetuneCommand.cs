using System.CommandLine;
using GptGen.Finetuning;

namespace GptGen.Models.Commands;

/// <summary><c>gptgen finetune</c>: teaches a pre-trained model a task by labelled examples.</summary>
internal static class FinetuneCommand
{
    private const double NewHeadRate = 1e-3;

    internal static Command Create()
    {
        var defaults = new FinetuningOptions { Length = 0 };
        var task = TaskOption.Create();
        var model = CommonOptions.Model("the one that the weights fit");
        var weights = CommonOptions.WeightsOfRun();
        var scratch = new Option<bool>("--from-scratch") { Description = "Begin with random weights, to see what pre-training is worth." };
        var data = new Option<string[]>("--data")
        {
            Description = "Files of examples to train on: .tsv, .csv, .jsonl or .json; for tagging also lines of word and tag, "
                + "for answering SQuAD's.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "file…",
        };
        var validation = new Option<string?>("--validation")
        {
            Description = "Examples by which the best weights are chosen; a share of the data without it.",
            HelpName = "file",
        };
        var share = CommonOptions.Number("--validation-share", "Share of the data that is set aside without --validation.", 0.1, 0, 1);
        var test = new Option<string?>("--test") { Description = "Examples to predict with the best weights at the end.", HelpName = "file" };
        var texts = new Option<string[]>("--texts")
        {
            Description = "Columns of the texts: text; premise hypothesis; first second; context choice1 choice2…; words; question context.",
            AllowMultipleArgumentsPerToken = true,
            HelpName = "column…",
        };
        var label = new Option<string?>("--label")
        {
            Description = "Column of the label, or of the right choice; 'label' without it, 'tags' with --task tagging, "
                + "'answers' with --task answering.",
            HelpName = "column",
        };
        var graded = new Option<bool>("--graded")
        {
            Description = "Labels of --task similarity are grades, such as 3.75, which are learned as numbers.",
        };
        var length = CommonOptions.Number("--length", "The most tokens of a sequence; 0 means the model's context.", 0);
        var truncate = new Option<bool>("--truncate") { Description = "Cut the end of the longest text of examples that are too long." };
        var tokenizer = CommonOptions.Tokenizer();
        var epochs = CommonOptions.Number("--epochs", "Times that every example is seen, at most.", defaults.Epochs);
        var batch = CommonOptions.Number("--batch", "Examples of a step.", defaults.Batch);
        var micro = CommonOptions.Number("--micro-batch", "Examples computed at once, for less memory; 0 means the batch.", defaults.MicroBatch);
        var shares = TrainCommand.Shares();
        var rate = CommonOptions.Number(
            "--learning-rate", "Learning rate after warm-up, of ELMo 0.001 unless given; it falls linearly to 0.", defaults.LearningRate);
        var warmup = CommonOptions.Number("--warmup", "Share of all steps in which the rate rises.", defaults.Warmup);
        var decay = CommonOptions.Number("--weight-decay", "Decoupled weight decay, on matrices only.", defaults.WeightDecay);
        var dropout = CommonOptions.Number("--dropout", "Probability of dropping an element.", defaults.Dropout);
        var clip = CommonOptions.Number("--clip", "The largest gradient norm; 0 means no clipping.", defaults.Clip);
        var lambda = CommonOptions.Number("--lm-weight", "Weight of the language model's loss beside the task's.", 0.5);
        var evaluations = CommonOptions.Number("--evaluations", "Evaluations of an epoch.", defaults.EvaluationsPerEpoch);
        var patience = CommonOptions.Number("--patience", "Stop after so many evaluations without a better one; 0 means never.", defaults.Patience);
        var bestBy = CommonOptions.Choice(
            "--best-by", "What the best weights are chosen by; unless given, pearson with --graded and f1 for tagging and answering.",
            BestBy.Accuracy);
        var seed = CommonOptions.Seed();
        var device = new DeviceOptions(trains: true);
        var output = new Option<string?>("--out")
        {
            Description = "The folder of the fine-tuned model; runs/MODEL-TASK without it.",
            HelpName = "folder",
        };
        var tensorBoard = CommonOptions.TensorBoard();
        var command = new Command("finetune", "Teach a pre-trained model a task by labelled examples.")
        {
            task, model, weights, scratch, data, validation, share, test, texts, label, graded, length, truncate, tokenizer, epochs, batch,
            micro, shares, rate, warmup, decay, dropout, clip, lambda, evaluations, patience, bestBy, seed, output, tensorBoard,
        };
        device.AddTo(command);
        return command.WithWork((result, cancellation) =>
        {
            var others = Processes.Start();
            var kind = result.GetValue(task).Kind();
            if (result.GetValue(scratch) && result.GetValue(weights) is not null)
                throw new GptGenException("--from-scratch begins with random weights and --weights names others: give one of them.");
            if (result.GetValue(graded) && kind != TaskKind.Similarity)
                throw new GptGenException("--graded learns how alike two texts are: give it with --task similarity only.");
            var body = FinetuningRun.FindBody(result.GetValue(model), result.GetValue(weights), result.GetValue(scratch));
            var tokens = result.GetValue(length) is var most && most == 0 ? body.Entry.Description.Context : most;
            var folder = result.GetValue(output) ?? Path.Combine("runs", $"{body.Entry.Name}-{result.GetValue(task).ToString().ToLowerInvariant()}");
            var run = new FinetuningRun(kind, body, new()
            {
                Epochs = result.GetValue(epochs),
                Batch = result.GetValue(batch),
                MicroBatch = result.GetValue(micro),
                Shares = result.GetValue(shares) is > 0 and var parts ? parts : others?.Size ?? 1,
                Length = tokens,
                // Of an ELMo only what is new trains.
                LearningRate = body.Entry.Kind == ModelKind.Bidirectional && !result.IsGiven(rate) ? NewHeadRate : result.GetValue(rate),
                Warmup = result.GetValue(warmup),
                WeightDecay = result.GetValue(decay),
                Dropout = result.GetValue(dropout),
                Clip = result.GetValue(clip),
                LanguageModelWeight = result.GetResult(lambda) is { Implicit: false } ? result.GetValue(lambda) : null,
                EvaluationsPerEpoch = result.GetValue(evaluations),
                Patience = result.GetValue(patience),
                BestBy = result.GetResult(bestBy) is { Implicit: false } ? result.GetValue(bestBy) : null,
                Seed = result.GetValue(seed),
            })
            {
                Data = result.GetValue(data)!,
                Validation = result.GetValue(validation),
                ValidationShare = result.GetValue(share),
                Test = result.GetValue(test),
                Texts = result.GetValue(texts) ?? [],
                Label = result.GetValue(label),
                IsGraded = result.GetValue(graded),
                Truncate = result.GetValue(truncate),
                Tokenizer = result.GetValue(tokenizer),
                Folder = folder,
                Others = others,
                TensorBoard = result.IsGiven(tensorBoard) ? result.GetValue(tensorBoard) ?? folder : null,
            };
            return run.Execute(() => device.Open(result, others), result, cancellation);
        });
    }
}
