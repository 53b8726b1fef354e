using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace GptGen.Models.Tests.Distributed;

/// <summary>A cluster of Slurm's with this machine as its only node, for as long as a test lasts. Needs root.</summary>
internal sealed class OneNodeSlurm : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(20);

    private readonly List<Process> daemons = [];
    private readonly string configuration;

    private OneNodeSlurm(TemporaryFolder folder)
    {
        var (key, socket, host) = (folder.Write("slurm/key", RandomBytes()), folder.File("slurm/socket"), Environment.MachineName);
        // Steps run as root: who may ask for them is whoever can read the key.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(key, UnixFileMode.UserRead);
        configuration = folder.Write("slurm/slurm.conf", string.Create(
            CultureInfo.InvariantCulture,
            $"""
            ClusterName=gptgen
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            AuthType=auth/munge
            AuthInfo=socket={socket}
            CredType=cred/munge
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            StateSaveLocation={folder.File("slurm/state")}
            SlurmdSpoolDir={folder.File("slurm/spool")}
            SlurmctldPidFile={folder.File("slurm/controller.pid")}
            SlurmdPidFile={folder.File("slurm/node.pid")}
            SlurmctldLogFile={folder.File("slurm/controller.log")}
            SlurmdLogFile={folder.File("slurm/node.log")}
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/linear
            SwitchType=switch/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SlurmdParameters=config_overrides
            KillWait=2
            NodeName={host} NodeAddr=127.0.0.1 CPUs=2
            PartitionName=all Nodes=ALL Default=YES

            """));
        foreach (var name in (string[])["state", "spool"])
            Directory.CreateDirectory(folder.File($"slurm/{name}"));
        Begin(
            "munged", "--foreground", "--force", "--key-file", key, "--socket", socket, "--pid-file", folder.File("slurm/munged.pid"), "--log-file",
            folder.File("slurm/munged.log"), "--seed-file", folder.File("slurm/seed"));
        Begin("slurmctld", "-D", "-c", "-f", configuration);
        Begin("slurmd", "-D", "-f", configuration);
        var watch = Stopwatch.StartNew();
        while (!Run("sinfo", "--noheader", "--format=%t").Output.StartsWith("idle", StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < s_start, $"Slurm does not start: {Log("controller")}{Log("node")}");
            Thread.Sleep(50);
        }

        string Log(string name) => File.Exists(folder.File($"slurm/{name}.log")) ? File.ReadAllText(folder.File($"slurm/{name}.log")) : "";
    }

    /// <summary>Starts it; skips the test where that cannot be, and says so.</summary>
    public static OneNodeSlurm Start(TemporaryFolder folder)
    {
        foreach (var program in (string[])["/usr/bin/srun", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged"])
        {
            Assert.SkipUnless(
                File.Exists(program),
                $"{Path.GetFileName(program)} is not installed (apt-get install slurmctld slurmd libpmix-dev): srun is not tested.");
        }

        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can be a node of Slurm's here: srun is not tested.");
        return new(folder);
    }

    /// <summary>The words that start two processes.</summary>
    /// <param name="mpi">How they find each other: pmix, pmi2.</param>
    /// <param name="program">The program.</param>
    public static string[] Words(string mpi, params string[] program) =>
        ["srun", "--overcommit", "--ntasks=2", $"--mpi={mpi}", "--kill-on-bad-exit=1", "--input=none", "--job-name=gptgen", .. program];

    /// <summary>Runs words to their end.</summary>
    public CommandResult Run(string[] words, Action<Process>? meanwhile = null) => Launcher.Run(words, meanwhile, ("SLURM_CONF", configuration));

    /// <summary>Sends all processes a signal, as <c>sbatch --signal</c> does.</summary>
    public void Signal(string name) => Run("scancel", $"--signal={name}", "--name=gptgen");

    /// <summary>Ends it, and what may run in it.</summary>
    public void Dispose()
    {
        Run("scancel", "--signal=KILL", "--name=gptgen");
        for (var daemon = daemons.Count - 1; daemon >= 0; daemon--)
        {
            daemons[daemon].Kill();
            daemons[daemon].WaitForExit();
            daemons[daemon].Dispose();
        }
    }

    private CommandResult Run(params string[] words) => Run(words, null);

    private void Begin(params string[] words) => daemons.Add(Process.Start("sh", ["-c", "exec \"$@\" > /dev/null 2>&1", "sh", .. words]));

    private static byte[] RandomBytes()
    {
        var bytes = new byte[1024];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return bytes;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
