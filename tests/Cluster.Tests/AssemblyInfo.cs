[assembly: CaptureConsole]
[assembly: System.Reflection.AssemblyMetadata(Actors.TestLimits.Minutes, "10")]
