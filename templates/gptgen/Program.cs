using GptGen;
using GptGen.Checkpoints;
using GptGen.Generation;
using GptGen.Sampling;
using GptGen.Text;
using GptGen.Training;

const string Run = "runs/my-gpt";

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    // The first Ctrl-C saves and ends; a second one ends at once.
    key.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};
try
{
    // new CudaDevice() computes on an NVIDIA GPU.
    using var device = new CpuDevice();
    using var model = MyGpt.Create(device);
    // Every byte is a token. Tokenizer.Open("FOLDER") takes a vocabulary that 'gptgen tokenizer train' has learned.
    var tokenizer = Tokenizer.Open("bytes");
    switch (args)
    {
        case ["train", var number, .. var files] when int.TryParse(number, out var steps):
            Train(model, tokenizer, steps, files);
            break;
        case ["train", .. var files]:
            Train(model, tokenizer, steps: 500, files);
            break;
        case ["generate", .. var words]:
            await Generate(model, tokenizer, words.Length > 0 ? string.Join(' ', words) : "The ");
            break;
        default:
            Console.WriteLine($"""
                {model.Description.ParameterCount:N0} parameters

                dotnet run -c Release -- train [STEPS] [FILE…]   learn from texts; from the .NET SDK's documentation without any
                dotnet run -c Release -- generate [PROMPT]       write on
                """);
            break;
    }

    return 0;
}
catch (GptGenException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

void Train(MyGpt model, Tokenizer tokenizer, int steps, string[] files)
{
    var corpus = files.Length > 0 ? TextCorpus.Load(files) : SdkDocumentation.Load();
    using var data = TokenDataset.Split(TokenSource.FromMemory(corpus.Tokenize(tokenizer)), validationFraction: 0.05);
    var options = new TrainingOptions { Steps = steps, Length = model.Description.Context, Warmup = Math.Min(100, steps / 10 + 1) };
    model.Initialize(options.Seed);
    using var trainer = new Trainer(model, data, options, Run);
    foreach (var step in trainer.Run(stop.Token))
    {
        if (step.Step % 10 == 0 || step.ValidationLoss is not null)
            Console.WriteLine($"step {step.Step}: loss {step.Loss:F3}{(step.ValidationLoss is { } loss ? $", on other text {loss:F3}" : "")}");
    }

    Console.WriteLine($"saved: {trainer.LastCheckpoint}");
}

async Task Generate(MyGpt model, Tokenizer tokenizer, string prompt)
{
    ModelCheckpoint.Load(model, Run);
    Console.Write(prompt);
    var options = new GenerationOptions { Tokens = 200, Sampling = new SamplingOptions { Temperature = 0.8f } };
    await foreach (var text in new TextGenerator(model, tokenizer).GenerateAsync(prompt, options, stop.Token))
        Console.Write(text);
    Console.WriteLine();
}
