global using VecSQL.Differential.Tests.Sql;
