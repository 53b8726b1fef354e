using System.CommandLine;
using GptGen;
using GptGen.Models.Commands;

var root = new RootCommand("GptGen: builds, trains and runs GPT models.")
{
    ModelsCommand.Create(),
    TrainCommand.Create(),
    GenerateCommand.Create(),
    EvaluateCommand.Create(),
    FeaturesCommand.Create(),
    ConvertCommand.Create(),
    DoctorCommand.Create(),
};

try
{
    // An interrupted training finishes its step and saves before it ends, however large the model.
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(5) });
}
catch (GptGenException exception)
{
    Console.Error.WriteLine($"error: {exception.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
