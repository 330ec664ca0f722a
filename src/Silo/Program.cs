using Actors.Silo;

return args switch
{
    ["token", .. var rest] => await TokenCommand.RunAsync(rest),
    ["health", var url] => await HealthCommand.RunAsync(url),
    _ => await NodeCommand.RunAsync(args),
};
