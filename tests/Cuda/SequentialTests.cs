using Xunit.Sdk;
using Xunit.v3;

// The emulator is one pretended machine for the whole process: its settings, its reports and its error belong to the test that runs.
[assembly: Parallelization(Mode = ParallelMode.None)]
