Console.Error.WriteLine("vecsql: no command yet");
return 2;
