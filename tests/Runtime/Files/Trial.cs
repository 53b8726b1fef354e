using GptGen.Files;

namespace GptGen.Runtime.Tests;

/// <summary>Lets the system fail while files are written.</summary>
internal static class Trial
{
    /// <summary>Does something whose step number <paramref name="failing"/> fails as a broken disk lets it.</summary>
    /// <param name="failing">The step, from 0.</param>
    /// <param name="steps">Takes up the steps that were reached.</param>
    /// <param name="work">What writes files on this thread.</param>
    internal static void Failing(int failing, List<FileStep> steps, Action work)
    {
        FileTrial.Fault = step =>
        {
            steps.Add(step);
            if (steps.Count - 1 == failing)
                throw new IOException("Input/output error");
        };
        try
        {
            work();
        }
        finally
        {
            FileTrial.Fault = null;
        }
    }
}
